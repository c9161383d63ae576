//! The actions of the simulation, and the marker that identifies the data of a task.

use sandbox::fixtures::slack;
use serde_json::{Value, json};

use crate::random::Rng;

/// The users.
pub(crate) const PEOPLE: [&str; 2] = [sandbox::fixtures::ALEX, sandbox::fixtures::SAM];

/// The tools with the scopes of a connection.
pub(crate) const TOOLS: [(&str, &[&str]); 4] = [
    (
        "gmail",
        &[
            "openid",
            "email",
            "https://www.googleapis.com/auth/gmail.compose",
            "https://www.googleapis.com/auth/gmail.readonly",
        ],
    ),
    (
        "slack",
        &[
            "chat:write",
            "im:write",
            "channels:read",
            "groups:read",
            "channels:history",
            "groups:history",
            "im:history",
            "mpim:history",
        ],
    ),
    ("notion", &[]),
    ("asana", &["tasks:read", "tasks:write", "projects:read", "users:read", "workspaces:read"]),
];

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    SendEmail,
    CreateDraft,
    SendMessage,
    /// A message to each of [`CONVERSATIONS`] in turn.
    SendToEach,
    ScheduleMessage,
    CreateTask,
    CreatePage,
    FetchEmails,
    FetchMessages,
}

/// The conversations of a burst: two channels and three people.
pub(crate) const CONVERSATIONS: [&str; 5] =
    [slack::GENERAL, slack::PROJECT_UPDATES, slack::ALEX, slack::SAM, slack::KIM];

impl Action {
    /// The actions that create something.
    pub(crate) const CREATES: [Self; 6] = [
        Self::SendEmail,
        Self::CreateDraft,
        Self::SendMessage,
        Self::ScheduleMessage,
        Self::CreateTask,
        Self::CreatePage,
    ];

    /// A random action of one of these tools; occasionally a read.
    pub(crate) fn random(rng: &mut Rng, tools: &[&str]) -> Self {
        let offered = |actions: &[Self]| -> Vec<Self> {
            actions.iter().copied().filter(|action| tools.contains(&action.tool_and_intent().0)).collect()
        };
        let reads = offered(&[Self::FetchEmails, Self::FetchMessages]);
        if !reads.is_empty() && rng.chance_per_mille(80) {
            return rng.choose(&reads);
        }
        rng.choose(&offered(&Self::CREATES))
    }

    /// The tool and the intent's name.
    pub(crate) fn tool_and_intent(self) -> (&'static str, &'static str) {
        match self {
            Self::SendEmail => ("gmail", "send_email"),
            Self::CreateDraft => ("gmail", "create_draft"),
            Self::FetchEmails => ("gmail", "fetch_emails"),
            Self::SendMessage | Self::SendToEach => ("slack", "send_message"),
            Self::ScheduleMessage => ("slack", "schedule_message"),
            Self::FetchMessages => ("slack", "fetch_messages"),
            Self::CreateTask => ("asana", "create_task"),
            Self::CreatePage => ("notion", "create_page"),
        }
    }

    /// The kind of the action's effect in the sandbox's ledger.
    pub(crate) fn effect_kind(self) -> Option<&'static str> {
        match self {
            Self::SendEmail => Some("message_sent"),
            Self::CreateDraft => Some("draft_created"),
            Self::SendMessage | Self::SendToEach => Some("message_posted"),
            Self::ScheduleMessage => Some("message_scheduled"),
            Self::CreateTask => Some("task_created"),
            // The page is prepared under a title with a key.
            Self::CreatePage => Some("page_renamed"),
            Self::FetchEmails | Self::FetchMessages => None,
        }
    }

    /// The intent's context; the created data carry the task's marker.
    pub(crate) fn context(self, task: usize, by_name: bool) -> Value {
        let mark = marker(task);
        let channel = match self {
            Self::SendToEach => CONVERSATIONS[task % CONVERSATIONS.len()],
            _ if by_name => "general",
            _ => slack::GENERAL,
        };
        match self {
            Self::SendEmail | Self::CreateDraft => {
                json!({ "to": "recipient@example.com", "subject": format!("About {mark}"), "body": format!("{CANARY} {mark}") })
            }
            Self::FetchEmails => json!({ "query": "launch", "maxResults": 2 }),
            Self::SendMessage | Self::SendToEach => json!({ "channel": channel, "text": format!("About {mark}") }),
            Self::ScheduleMessage => {
                json!({ "channel": channel, "text": format!("About {mark}"), "post_at": "2027-01-02T10:00:00Z" })
            }
            Self::FetchMessages => json!({ "channel": channel, "limit": 3 }),
            Self::CreateTask => {
                json!({ "name": format!("About {mark}"), "projectId": sandbox::fixtures::asana::PROJECT })
            }
            Self::CreatePage => {
                let parent =
                    if by_name { sandbox::fixtures::notion::DATABASE } else { sandbox::fixtures::notion::PAGE };
                json!({ "title": format!("About {mark}"), "parent": parent, "content": "Text." })
            }
        }
    }
}

/// A text in every mail's body.
const CANARY: &str = "canary-of-a-mail-body";

/// True if a text contains content of a task, which only the provider may receive.
pub(crate) fn contains_content(text: &str) -> bool {
    text.contains(CANARY) || text.contains(&format!("About {MARKER}"))
}

const MARKER: &str = "mark-";

/// The marker of a task.
pub(crate) fn marker(task: usize) -> String {
    format!("{MARKER}{task:03}")
}

/// The task whose marker a text contains.
pub(crate) fn marked_task(text: &str) -> Option<usize> {
    let (_, remainder) = text.split_once(MARKER)?;
    remainder.get(..3)?.parse().ok()
}

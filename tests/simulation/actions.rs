//! The actions a simulation uses, and the mark by which everything of one task is known again.

use serde_json::{Value, json};

use crate::random::Rng;

/// The people whose tools are used; each is one of the sandbox's, so that a foreign token shows.
pub(crate) const PEOPLE: [&str; 2] = [sandbox::fixtures::ALEX, sandbox::fixtures::SAM];

/// The tools, with the scopes a connection gets.
pub(crate) const TOOLS: [(&str, &[&str]); 4] = [
    ("gmail", &["https://www.googleapis.com/auth/gmail.compose", "https://www.googleapis.com/auth/gmail.readonly"]),
    (
        "slack",
        &[
            "chat:write",
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
    ScheduleMessage,
    CreateTask,
    CreatePage,
    FetchEmails,
    FetchMessages,
}

impl Action {
    /// Those that make something.
    pub(crate) const CREATES: [Self; 6] = [
        Self::SendEmail,
        Self::CreateDraft,
        Self::SendMessage,
        Self::ScheduleMessage,
        Self::CreateTask,
        Self::CreatePage,
    ];

    /// One of them; a read now and then.
    pub(crate) fn random(dice: &mut Rng) -> Self {
        if dice.chance_per_mille(80) {
            return dice.choose(&[Self::FetchEmails, Self::FetchMessages]);
        }
        dice.choose(&Self::CREATES)
    }

    /// The tool and the intent's name.
    pub(crate) fn tool_and_intent(self) -> (&'static str, &'static str) {
        match self {
            Self::SendEmail => ("gmail", "send_email"),
            Self::CreateDraft => ("gmail", "create_draft"),
            Self::FetchEmails => ("gmail", "fetch_emails"),
            Self::SendMessage => ("slack", "send_message"),
            Self::ScheduleMessage => ("slack", "schedule_message"),
            Self::FetchMessages => ("slack", "fetch_messages"),
            Self::CreateTask => ("asana", "create_task"),
            Self::CreatePage => ("notion", "create_page"),
        }
    }

    /// The kind under which the sandbox's ledger has its effect.
    pub(crate) fn effect_kind(self) -> Option<&'static str> {
        match self {
            Self::SendEmail => Some("message_sent"),
            Self::CreateDraft => Some("draft_created"),
            Self::SendMessage => Some("message_posted"),
            Self::ScheduleMessage => Some("message_scheduled"),
            Self::CreateTask => Some("task_created"),
            Self::CreatePage => Some("page_created"),
            Self::FetchEmails | Self::FetchMessages => None,
        }
    }

    /// The intent's context; what it makes carries the mark of its task.
    pub(crate) fn context(self, task: usize, by_name: bool) -> Value {
        let mark = marker(task);
        let channel = if by_name { "general" } else { sandbox::fixtures::slack::GENERAL };
        match self {
            Self::SendEmail | Self::CreateDraft => {
                json!({ "to": "recipient@example.com", "subject": format!("About {mark}"), "body": format!("{CANARY} {mark}") })
            }
            Self::FetchEmails => json!({ "query": "launch", "maxResults": 2 }),
            Self::SendMessage => json!({ "channel": channel, "text": format!("About {mark}") }),
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

/// A text of every mail's body.
const CANARY: &str = "canary-of-a-mail-body";

/// Whether a text holds something of what a task makes: that belongs to the provider and nobody else.
pub(crate) fn contains_content(text: &str) -> bool {
    text.contains(CANARY) || text.contains(&format!("About {MARKER}"))
}

const MARKER: &str = "mark-";

/// The mark of a task.
pub(crate) fn marker(task: usize) -> String {
    format!("{MARKER}{task:03}")
}

/// The task whose mark a text carries.
pub(crate) fn marked_task(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once(MARKER)?;
    rest.get(..3)?.parse().ok()
}

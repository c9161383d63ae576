//! The text about a call that was not done, for the model that made it: what is wrong, what became of the effect, what to do.

use crate::error::{ErrorAction, ErrorDetail, Outcome};

/// Routes in the texts of errors, with the own tools that do the same.
const OWN_TOOLS: [(&str, &str); 8] = [
    ("GET /tasks?taskId=<metadata.taskId>&wait=20", "engine_show_task"),
    ("GET /tasks?taskId=", "engine_show_task, taskId "),
    ("&wait=20", ""),
    ("GET /api/plugin-engine/oauth/authorize?tool=", "engine_start_connect, tool "),
    ("GET /oauth/authorize?tool=", "engine_start_connect, tool "),
    ("POST /context-mappings", "engine_save_key"),
    ("GET /api/plugin-engine/errors", "engine_list_errors"),
    ("GET /api/plugin-engine/tasks", "engine_list_tasks"),
];

/// A call that was not done, or the outcome of which is not known.
pub(super) struct Failure<'a> {
    pub(super) error: &'a ErrorDetail,
    /// True if the engine still asks the provider.
    pub(super) is_pending: bool,
    /// The task that journals the call.
    pub(super) task_id: Option<&'a str>,
}

impl Failure<'_> {
    /// Returns the text. It suggests no repetition where the outcome is unknown.
    pub(super) fn text(&self) -> String {
        let error = self.error;
        let mut lines = vec![in_own_tools(&error.message)];
        if error.fields.len() > 1 {
            lines
                .extend(error.fields.iter().map(|fault| format!("- {}: {}", fault.field, in_own_tools(&fault.reason))));
        }
        if !error.accounts.is_empty() {
            lines.push("Name one of these in the argument `account`:".to_owned());
        }
        lines.extend(error.accounts.iter().map(|account| {
            let names = [account.label.as_deref(), Some(account.name.as_str()), account.email.as_deref()];
            let mut names: Vec<&str> = names.into_iter().flatten().collect();
            names.dedup();
            format!("- account {}: {}", account.id, names.join(", "))
        }));
        lines.push(format!("{} {}", self.outcome(), self.step()));
        lines.join("\n")
    }

    fn outcome(&self) -> &'static str {
        match self.error.outcome {
            Outcome::None => "Nothing was done.",
            Outcome::Partial => "A part was done, see the data.",
            Outcome::Done => "It was done.",
            Outcome::Unknown => "It is not certain whether this was done.",
        }
    }

    fn step(&self) -> String {
        let task = self.task_id.unwrap_or_default();
        match (self.error.outcome, self.error.action) {
            (Outcome::Unknown, _) if self.is_pending => {
                format!(
                    "Do not repeat it: the engine asks the provider, and engine_show_task, taskId {task}, says what it found."
                )
            }
            (Outcome::Unknown, _) => {
                "Do not repeat it: look with a reading tool whether it was done, or let the person look.".to_owned()
            }
            (_, ErrorAction::Connect) => match &self.error.connect_url {
                Some(url) => format!("Give the person this link to connect the account, and go on after that: {url}"),
                None => "Call engine_start_connect, and give the person its link.".to_owned(),
            },
            (Outcome::Partial, ErrorAction::Retry) if self.task_id.is_some() => {
                format!("Call engine_retry_task, taskId {task}: it does the part that is missing, and nothing twice.")
            }
            (Outcome::Partial, _) => "Ask only for the part that is missing.".to_owned(),
            (_, ErrorAction::Fix) => "Correct it, and call again.".to_owned(),
            (_, ErrorAction::Retry) => match self.error.retry_after_ms {
                Some(wait) => format!("Call again in {} s.", wait.div_ceil(1000).max(1)),
                None => "Call again later.".to_owned(),
            },
            (_, ErrorAction::Inspect) => "Tell the person: a repetition does not help.".to_owned(),
        }
    }
}

/// Returns a text that names own tools in the place of routes.
fn in_own_tools(text: &str) -> String {
    OWN_TOOLS.iter().fold(text.to_owned(), |text, (route, tool)| text.replace(route, tool))
}

//! The answer to a call: a text that a model reads, and the data.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::failure::Failure;
use crate::answer::{MAX_ANSWER_BYTES, written_len};
use crate::error::ErrorDetail;
use crate::intent::PluginResult;
use crate::model_view;
use crate::own_tools::{Done, Ran};

/// The answer to a call.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallAnswer {
    /// The text for the model.
    pub content: String,
    /// True if the call was not done, or its outcome is not known: the text says why, and what to do.
    pub is_error: bool,
    /// The data that was read or created. Of a call that was not done: its `error`, the `data` of a part that was done, and the
    /// `fallbackMessage` for the person.
    #[schema(value_type = Object)]
    pub structured: Value,
    /// True if an earlier call with the same key was answered so. Absent otherwise.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(value_type = Option<bool>)]
    pub replayed: bool,
    /// The task that journals the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Everything.
    #[default]
    Full,
    /// The part that a model can use, in so many characters.
    Model(usize),
}

/// A call with its result, before it is shown.
pub(super) struct Finished {
    message: String,
    /// The data of the result.
    data: Value,
    /// The reason why it was not done.
    error: Option<Box<ErrorDetail>>,
    fallback_message: Option<String>,
    replayed: bool,
    task_id: Option<String>,
}

impl Finished {
    /// The result of a call that was refused before anything was done.
    pub(super) fn refused(error: ErrorDetail, data: Option<Value>) -> Self {
        let message = Failure { error: &error, is_pending: false, task_id: None }.text();
        let data = data.unwrap_or_default();
        Self { message, data, error: Some(Box::new(error)), fallback_message: None, replayed: false, task_id: None }
    }

    pub(super) fn of_action(result: PluginResult) -> Self {
        let PluginResult { message, data, mut metadata, error, fallback_message, pending, replayed, .. } = result;
        let task_id = match metadata.remove("taskId") {
            Some(Value::String(id)) => Some(id),
            _ => None,
        };
        let message = match (&error, metadata.get("link").and_then(Value::as_str)) {
            (Some(error), _) => Failure { error, is_pending: pending, task_id: task_id.as_deref() }.text(),
            (None, Some(link)) => format!("{message} Link: {link}"),
            (None, None) => message,
        };
        let (data, error) = (data.unwrap_or_default(), error.map(Box::new));
        Self { message, data, error, fallback_message, replayed, task_id }
    }

    pub(super) fn of_own_tool(ran: Ran<Value>) -> Self {
        match ran {
            Ran::Failed(result) => Self::of_action(*result),
            Ran::Done(Done { message, output, task_id, replayed }) => {
                Self { message, data: output, error: None, fallback_message: None, replayed, task_id }
            }
        }
    }

    /// Shows the result.
    pub(super) fn shown(self, view: View) -> CallAnswer {
        let (content, data) = match view {
            View::Full => (with_data(&self.message, &self.data), self.data.clone()),
            View::Model(max_chars) => {
                let shown = model_view::show(&self.message, &self.data, max_chars);
                (shown.text, shown.data)
            }
        };
        let is_error = self.error.is_some();
        let structured = self.structured(data);
        let answer = CallAnswer { content, is_error, structured, replayed: self.replayed, task_id: self.task_id };
        if view == View::Full && written_len(&answer) > MAX_ANSWER_BYTES {
            let content = format!("{}\nThe data is too long to be in two places: it is in structured.", self.message);
            return CallAnswer { content, ..answer };
        }
        answer
    }

    /// Returns the data of a success; of a failure its error with the data of the part that was done.
    fn structured(&self, data: Value) -> Value {
        let Some(error) = &self.error else {
            return if data.is_null() { Value::Object(Map::new()) } else { data };
        };
        let mut structured = json!({ "error": error });
        if !data.is_null() {
            structured["data"] = data;
        }
        if let Some(message) = &self.fallback_message {
            structured["fallbackMessage"] = message.as_str().into();
        }
        structured
    }
}

fn with_data(message: &str, data: &Value) -> String {
    let is_empty = data.is_null() || data.as_object().is_some_and(Map::is_empty);
    if is_empty { message.to_owned() } else { format!("{message}\n{data}") }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to these")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

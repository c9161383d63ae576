//! The allowed form of a request's own fields, in words with an example: for a field that is missing, and for one of another type.

use std::borrow::Cow;

use crate::tool::Tool;

/// Returns what follows "must be" for a field of a request; `None` for a field of which its type says enough.
pub(crate) fn form(field: &str) -> Option<Cow<'static, str>> {
    let text = match field {
        "tool" | "toolName" => return Some(format!("one of: {}", Tool::known_ids()).into()),
        "accessToken" => "printable ASCII without spaces, for example \"ya29.a0Af\"",
        "account" => "the id, label or address of a connected account, for example \"alex@example.com\"",
        "accounts" => "a list of ids of accounts, for example [\"110248495921238986420\"]",
        "actions" => "a list of actions as <tool>.<action>, for example [\"gmail.send_email\"]",
        "agentId" => "a text, for example \"invoice-bot\"",
        "arguments" => "a JSON object, for example {\"to\": \"ann@example.com\"}",
        "callId" => "a text, for example \"call_7Q2\"",
        "connectCode" => "the text after #connectCode= where the consent ended, for example \"3f2a9c.b71c04\"",
        "context" => "a JSON object, for example {\"to\": \"ann@example.com\"}",
        "contextKey" => "a text, for example \"project-x\"",
        "conversationId" => "a text, for example \"thread_42\"",
        "days" => "between 1 and 90, for example 7",
        "errorCode" => "a text, for example \"CALENDAR_FULL\"",
        "errorId" => "the id of an error, for example \"err_01J0000000000000000000000\"",
        "errorIds" => "a list of 1 to 100 ids of errors, for example [\"err_01J0000000000000000000000\"]",
        "errorMessage" => "a text, for example \"The calendar is full.\"",
        "executeAt" => "an ISO 8601 time with a zone, for example 2030-01-31T09:00:00Z",
        "externalId" => "the provider's id of an object, for example \"C0123456789\"",
        "id" => "the id of a mapping, for example \"map_YWdlbnQjc2xhY2s\"",
        "ids" => "a list of 1 to 100 ids of mappings, for example [\"map_YWdlbnQjc2xhY2s\"]",
        "intent" => "the name of an action of the tool, for example \"send_email\"",
        "limit" => "between 1 and 100, for example 50",
        "mappings" => {
            "a list of 1 to 100 mappings, for example [{\"agentId\": \"invoice-bot\", \"tool\": \"slack\", \
             \"contextKey\": \"project-x\", \"externalId\": \"C0123456789\"}]"
        }
        "maxChars" => "between 500 and 100000, for example 8000",
        "name" => "the name of a tool, for example \"gmail_send_email\"",
        "recurrence" => "a JSON object, for example {\"every\": \"P1D\"}",
        "recurrence.cron" => {
            "five fields, for example 0 9 * * MON-FRI; recurrence.every repeats from executeAt instead"
        }
        "recurrence.count" => "between 1 and 10000, for example 10",
        "retry" => "a JSON object, for example {\"maxAttempts\": 3}",
        "retry.initialIntervalSeconds" => "between 1 and 900, for example 4",
        "retry.maxAttempts" => "between 1 and 5, for example 3",
        "retry.maxIntervalSeconds" => "between initialIntervalSeconds and 86400, for example 900",
        "service" => "the client id of a service, for example \"reporting-service\"",
        "taskId" => "the id of a task, for example \"task_YSNJIzAxSjAw\"",
        "tools" => {
            return Some(format!("a list of tools, for example [\"gmail\"]; one of: {}", Tool::known_ids()).into());
        }
        "view" => "one of: full, model",
        "wait" => "between 1 and 20, for example 20",
        _ => return None,
    };
    Some(Cow::Borrowed(text))
}

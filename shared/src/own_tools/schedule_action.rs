//! `engine_schedule_action`: plans an action for later, once or as a series.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Done, Hints, OwnCall, OwnTool, OwnToolMeta, Ran, find_action, in_terms_of_arguments};
use crate::clock;
use crate::error::Result;
use crate::intent::IntentRequest;
use crate::recurrence::Recurrence;
use crate::scheduler::Schedule;

/// Plan a call of another tool for later: once, with `executeAt`, or again and again, with `recurrence`. The call is made at its time
/// without a further question; `engine_cancel_task` prevents it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ScheduleAction {
    /// The name of the tool to call then, for example `gmail_send_email`.
    name: String,
    /// The arguments of that tool, as in a call now.
    arguments: Option<Map<String, Value>>,
    /// The account to act in: its id, label or address.
    account: Option<String>,
    /// The time of the call, or of the first one of a series: ISO 8601 with a zone, at most a year ahead. Required, except with
    /// `recurrence.cron`.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    #[schemars(with = "Option<String>", extend("x-empty" = "refused"))]
    execute_at: Option<Timestamp>,
    /// The recurrence of a series.
    recurrence: Option<Recurrence>,
    /// The context key under which the id of the created object is saved, for later calls.
    save_as: Option<String>,
}

/// A planned call.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scheduled {
    /// The id of the task, for `engine_show_task` and `engine_cancel_task`.
    task_id: String,
    /// The tool that is called then.
    name: String,
    /// The id of the account in which it acts.
    account: String,
    /// The time of the call, or of the first one of a series.
    #[schemars(with = "String")]
    execute_at: String,
    /// Reasons why the task would wait for a person at its time, with the page where the person connects the account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<WarningView>,
}

/// A reason why a task would wait for a person.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WarningView {
    /// The reason.
    message: String,
    /// The page where the person connects the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    connect_url: Option<String>,
}

impl OwnTool for ScheduleAction {
    type Output = Scheduled;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_schedule_action",
        title: "Engine: plan an action",
        hints: Hints { read_only: false, destructive: false, idempotent: false, open_world: true },
        example: r#"{"name": "gmail_send_email",
            "arguments": {"to": "ann@example.com", "subject": "Report", "body": "The report of this week."},
            "executeAt": "2030-01-31T09:00:00Z"}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Scheduled>> {
        let Self { name, arguments, account, execute_at, recurrence, save_as } = self;
        let (adapter, action) = find_action(call.caller, &name)?;
        let request = IntentRequest {
            agent_id: call.agent.as_str().to_owned(),
            tool: adapter.tool.to_string(),
            intent: action.name.to_owned(),
            account,
            context: arguments,
            save_as,
        };
        let schedule = Schedule { at: execute_at, recurrence };
        let planned = call.parts.engine.intake.schedule_intent(call.caller, request, schedule, call.key).await;
        let planned = planned.map_err(|error| in_terms_of_arguments(error, "arguments."))?;
        let of_task = |field: &str| planned.metadata[field].as_str().unwrap_or_default().to_owned();
        let output = Scheduled {
            task_id: of_task("taskId"),
            name: super::action_tool_name(adapter.tool.as_str(), action.name),
            account: of_task("account"),
            execute_at: of_task("executeAt"),
            warnings: planned
                .warnings
                .into_iter()
                .map(|warning| WarningView { message: warning.message, connect_url: warning.connect_url })
                .collect(),
        };
        let (task_id, replayed) = (Some(output.task_id.clone()), planned.replayed);
        Ok(Ran::Done(Done { message: planned.message, output, task_id, replayed }))
    }
}

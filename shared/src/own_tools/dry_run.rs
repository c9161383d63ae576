//! `engine_dry_run`: shows what a call would send.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Hints, OwnCall, OwnTool, OwnToolMeta, Ran, find_action, in_terms_of_arguments};
use crate::adapters::action::Target;
use crate::error::{Error, Result};
use crate::intent::IntentRequest;

/// Show what a call of another tool would do, without doing it: the account, and the requests that would be sent. Choose it before
/// something that cannot be taken back. Nothing is sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DryRun {
    /// The name of the tool, for example `gmail_send_email`.
    name: String,
    /// The arguments of that tool.
    arguments: Option<Map<String, Value>>,
    /// The account to act in: its id, label or address.
    account: Option<String>,
}

/// A call as it would be made.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Resolved {
    /// The tool.
    name: String,
    /// The id of the account in which it would act.
    account: String,
    /// The people, channels, pages and other things that it would touch.
    targets: Vec<Target>,
    /// The requests that would be sent to the provider, in order.
    requests: Vec<Map<String, Value>>,
}

impl OwnTool for DryRun {
    type Output = Resolved;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_dry_run",
        title: "Engine: dry run",
        hints: Hints { open_world: true, ..Hints::READ },
        example: r#"{"name": "gmail_send_email",
            "arguments": {"to": "ann@example.com", "subject": "Report", "body": "The report of this week."}}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Resolved>> {
        let Self { name, arguments, account } = self;
        let (adapter, action) = find_action(call.caller, &name)?;
        let request = IntentRequest {
            agent_id: call.agent.as_str().to_owned(),
            tool: adapter.tool.to_string(),
            intent: action.name.to_owned(),
            account,
            context: arguments,
            save_as: None,
        };
        let result = call.parts.engine.dry_run_intent(call.caller, request, call.deadline).await;
        let result = result.map_err(|error| in_terms_of_arguments(error, "arguments."))?;
        if !result.success {
            return Ok(Ran::Failed(Box::new(result)));
        }
        let requests = result.data.as_ref().and_then(|data| data["requests"].as_array());
        let targets = result.data.as_ref().map(|data| data["targets"].clone()).unwrap_or_default();
        let output = Resolved {
            name: super::action_tool_name(adapter.tool.as_str(), action.name),
            account: result.metadata["account"].as_str().unwrap_or_default().to_owned(),
            targets: serde_json::from_value(targets).map_err(Error::internal)?,
            requests: requests.into_iter().flatten().filter_map(Value::as_object).cloned().collect(),
        };
        Ok(Ran::done(result.message, output))
    }
}

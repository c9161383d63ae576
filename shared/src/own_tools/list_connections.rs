//! `engine_list_connections`: lists the person's accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Hints, OwnCall, OwnTool, OwnToolMeta, Ran};
use crate::error::Result;
use crate::integrations::AuthStatus;
use crate::tables::integrations::ToolAccounts;
use crate::tool::Tool;

/// List the accounts that the person has connected, and the tools that are not connected. Choose it before the first call of a tool,
/// or to learn the names of several accounts. It changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListConnections {}

/// The person's accounts.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connections {
    /// The accounts, by tool.
    connections: Vec<ConnectionView>,
    /// The tools without an account. `engine_start_connect` connects one.
    not_connected: Vec<&'static str>,
}

/// An account of the person.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ConnectionView {
    /// The tool.
    tool: &'static str,
    /// The id, for the field `account` of a call.
    account: String,
    /// The name of the account.
    name: String,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The person's own label, which names the account too.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// True for the account of calls that name none.
    default: bool,
    /// True if tools can act in it now.
    connected: bool,
    /// The reason why they cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// The page where the person connects it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    connect_url: Option<String>,
}

impl OwnTool for ListConnections {
    type Output = Connections;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_list_connections",
        title: "Engine: list connections",
        hints: Hints::READ,
        example: r#"{}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Connections>> {
        let reader = &call.parts.engine.connections;
        let all = reader.accounts(call.caller).await?;
        let of_tool = |accounts: &ToolAccounts| -> Vec<ConnectionView> {
            let shown = |connection| ConnectionView::of(accounts, reader.status_of(accounts, Some(connection)));
            accounts.connections.iter().filter_map(shown).collect()
        };
        let connections: Vec<ConnectionView> = all.iter().flat_map(of_tool).collect();
        let is_absent = |tool: &Tool| connections.iter().all(|connection| connection.tool != tool.as_str());
        let permitted = Tool::all().filter(|tool| call.caller.permits(tool.as_str(), None, None));
        let not_connected = permitted.filter(is_absent).map(Tool::as_str).collect();
        let message = super::listed(connections.len(), "account", None);
        Ok(Ran::done(message, Connections { connections, not_connected }))
    }
}

impl ConnectionView {
    fn of(accounts: &ToolAccounts, status: AuthStatus) -> Option<Self> {
        let account = status.account?;
        Some(Self {
            tool: accounts.tool.as_str(),
            default: accounts.names.default.as_ref() == Some(&account.id),
            account: account.id.to_string(),
            name: account.name,
            email: account.email,
            label: status.label,
            connected: status.connected,
            problem: status.error,
            connect_url: status.connect_url,
        })
    }
}

//! `engine_start_connect`: gives the link where the person connects a tool.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Hints, OwnCall, OwnTool, OwnToolMeta, Ran};
use crate::account::AccountName;
use crate::adapters;
use crate::error::{Error, Result};
use crate::integrations::ConnectChoice;
use crate::tool::Tool;

/// Get the link where the person connects a tool, or connects an account again. Choose it when a call says that the tool is not
/// connected, and give the link to the person: only they can open it and agree.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StartConnect {
    /// The tool, for example `gmail`.
    tool: String,
    /// The account to connect again: its id, label or address. Absent for a new one.
    account: Option<String>,
}

/// The start of a connect.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectLink {
    /// The tool.
    tool: &'static str,
    /// The link that the person opens.
    connect_url: String,
}

impl OwnTool for StartConnect {
    type Output = ConnectLink;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_start_connect",
        title: "Engine: start a connect",
        hints: Hints { read_only: false, destructive: false, idempotent: true, open_world: true },
        example: r#"{"tool": "gmail"}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<ConnectLink>> {
        let tool = Tool::parse(&self.tool)?;
        let account = AccountName::parse_optional(self.account.as_deref())?;
        call.caller.check(tool.as_str(), None, None)?;
        let connect_url = match &call.parts.connect_page {
            Some(_) => page_of(call, tool, account.as_ref()).await?,
            None => consent_page(call, tool, account).await?,
        };
        let message = format!("Give the person this link to connect {}: {connect_url}", tool.name());
        Ok(Ran::done(message, ConnectLink { tool: tool.as_str(), connect_url }))
    }
}

/// Returns the deployment's own page: that of an account which is to be connected again, or of a new one.
async fn page_of(call: OwnCall<'_>, tool: Tool, account: Option<&AccountName>) -> Result<String> {
    let connections = &call.parts.engine.connections;
    let again = match account {
        Some(named) => connections.status(call.caller, tool, Some(named)).await?.connect_url,
        None => None,
    };
    again.or_else(|| connections.connect_url(tool)).ok_or_else(|| Error::internal("no connect page"))
}

/// Starts the consent itself, as the route does, which is for the user's own token alone.
async fn consent_page(call: OwnCall<'_>, tool: Tool, account: Option<AccountName>) -> Result<String> {
    if call.caller.permissions().is_some() {
        return Err(Error::Forbidden(
            "engine_start_connect needs the user's own token; a service cannot call it".into(),
        ));
    }
    let choice = ConnectChoice { account, ..ConnectChoice::default() };
    let adapter = adapters::find(tool.as_str())?;
    let url = call.parts.consents.start_connect(&call.caller.user, adapter, choice).await?;
    Ok(url.into())
}

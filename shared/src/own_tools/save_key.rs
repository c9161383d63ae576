//! `engine_save_key`: saves an id under a key of the agent's choice.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::context_key::KeyView;
use super::{Done, Hints, OwnCall, OwnTool, OwnToolMeta, Ran};
use crate::clock;
use crate::context_mapper::MappingRequest;
use crate::error::{Error, Result};

/// Save the id of an object under a key of your choice, to use it in later calls as `{"contextKey": "..."}`, in a text too. A key in use is refused.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SaveKey {
    /// The tool of the object, for example `slack`.
    tool: String,
    /// The key, for example `project-x`.
    context_key: String,
    /// The id of the object, for example `C0123456789`.
    external_id: String,
    /// The account of the object: its id, label or address.
    account: Option<String>,
    /// The name of the object, for people.
    friendly_name: Option<String>,
    /// The time from which the key counts no more: ISO 8601 with a zone.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    #[schemars(with = "Option<String>", extend("x-empty" = "refused"))]
    expires_at: Option<Timestamp>,
}

/// The saved key.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Saved {
    /// The key.
    key: KeyView,
}

impl OwnTool for SaveKey {
    type Output = Saved;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_save_key",
        title: "Engine: save a key",
        hints: Hints { read_only: false, destructive: false, idempotent: true, open_world: false },
        example: r#"{"tool": "slack", "contextKey": "project-x", "externalId": "C0123456789"}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Saved>> {
        let Self { tool, context_key, external_id, account, friendly_name, expires_at } = self;
        let (caller, mapper) = (call.caller, call.parts.mapper);
        let agent_id = call.agent.as_str().to_owned();
        let request = MappingRequest {
            agent_id,
            tool,
            account,
            context_key,
            external_id,
            friendly_name,
            metadata: None,
            expires_at,
        };
        let mapping = mapper.parse(request)?;
        let accounts = mapper.accounts(caller, mapping.tool).await?;
        let new = mapping.bind(caller, &accounts)?;
        let replayed = match mapper.create(&caller.user, new.clone()).await {
            Ok(_) => false,
            Err(error @ Error::Conflict(_)) => {
                // A repeated call finds what the first one saved.
                let stored = mapper.get(caller, &new.id()).await?;
                let is_same = stored.external_id == new.external_id
                    && stored.friendly_name == new.friendly_name
                    && stored.expires_at == new.expires_at;
                if is_same { true } else { return Err(error) }
            }
            Err(error) => return Err(error),
        };
        let message = format!("The key {} stands for {}.", new.context_key, new.external_id);
        Ok(Ran::Done(Done { message, output: Saved { key: new.into() }, task_id: None, replayed }))
    }
}

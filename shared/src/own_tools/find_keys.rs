//! `engine_find_keys`: looks up saved keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::context_key::KeyView;
use super::{Hints, OwnCall, OwnTool, OwnToolMeta, Ran};
use crate::account::AccountName;
use crate::error::Result;
use crate::tables::PageRequest;
use crate::tables::mappings::Filter;
use crate::tool::Tool;

/// Look up the keys that you saved for objects of a tool, before you ask the person for an id.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FindKeys {
    /// The tool of the objects, for example `slack`.
    tool: String,
    /// Finds only keys that start with this text.
    prefix: Option<String>,
    /// Finds only keys that stand for this id.
    external_id: Option<String>,
    /// Finds only keys of this account: its id, label or address.
    account: Option<String>,
    /// Number of keys to return; 50 by default.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

/// A page of keys.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Keys {
    /// The keys, in their order.
    keys: Vec<KeyView>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

impl OwnTool for FindKeys {
    type Output = Keys;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_find_keys",
        title: "Engine: find keys",
        hints: Hints::READ,
        example: r#"{"tool": "slack", "prefix": "project-"}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Keys>> {
        let Self { tool, prefix, external_id, account, limit, cursor } = self;
        let (tool, mapper) = (Tool::parse(&tool)?, call.parts.mapper);
        let account = match AccountName::parse_optional(account.as_deref())? {
            Some(named) => Some(mapper.known_account(call.caller, tool, &named).await?),
            None => None,
        };
        let filter = Filter { prefix, external_id, account };
        let page = PageRequest { limit, cursor };
        let page = mapper.list(call.caller, call.agent, tool, &filter, &page).await?;
        let keys: Vec<KeyView> = page.items.into_iter().map(KeyView::from).collect();
        let message = super::listed(keys.len(), "key", page.cursor.as_deref());
        Ok(Ran::done(message, Keys { keys, cursor: page.cursor }))
    }
}

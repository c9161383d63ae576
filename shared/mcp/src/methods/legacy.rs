//! The methods that only the revisions before 2026-07-28 have. Nothing is stored: there is no session.
//!
//! Source: <https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle>.

use serde_json::{Value, json};

use super::Exchange;
use super::lists::capabilities;
use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::events::LogLevel;
use crate::revision::Revision;

impl<C: Catalogue> Exchange<'_, C> {
    /// Agrees on the client's revision if it is a legacy one, else on the newest of those.
    pub(super) fn initialize(&self) -> Result<String> {
        let requested = Revision::named(self.text("protocolVersion")?);
        let revision = requested.filter(|revision| revision.is_legacy()).unwrap_or(Revision::NEWEST_LEGACY);
        let mut result = json!({
            "protocolVersion": revision.as_str(),
            "capabilities": capabilities(self.catalogue.features(), revision),
            "serverInfo": self.frame.settings.server,
        });
        if let Some(instructions) = &self.frame.settings.instructions {
            result["instructions"] = json!(instructions);
        }
        self.frame.complete(&result)
    }

    pub(super) fn ping(&self) -> Result<String> {
        self.frame.complete(&json!({}))
    }

    pub(super) async fn set_log_level(&self) -> Result<String> {
        let level = LogLevel::parse(self.message.params.get("level").unwrap_or(&Value::Null))?;
        self.catalogue.set_log_level(level).await?;
        self.frame.complete(&json!({}))
    }

    pub(super) async fn subscribe(&self, subscribed: bool) -> Result<String> {
        self.catalogue.subscribe(self.text("uri")?, subscribed).await?;
        self.frame.complete(&json!({}))
    }
}

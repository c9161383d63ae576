//! Hints on what a call does.

use serde::Serialize;
use utoipa::ToSchema;

/// Hints on what a call does, in the terms of the Model Context Protocol:
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#toolannotations>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hints {
    /// True if nothing is changed.
    #[serde(rename = "readOnlyHint")]
    pub read_only: bool,
    /// True if something that was there can be overwritten, removed or ended.
    #[serde(rename = "destructiveHint")]
    pub destructive: bool,
    /// True if a second call with the same arguments changes nothing more.
    #[serde(rename = "idempotentHint")]
    pub idempotent: bool,
    /// True if a provider or other people are reached.
    #[serde(rename = "openWorldHint")]
    pub open_world: bool,
}

impl Hints {
    /// The hints of a tool that only reads the engine's own records.
    pub const READ: Self = Self { read_only: true, destructive: false, idempotent: true, open_world: false };
}

//! Names of tools.

use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// Name of a tool with an adapter, such as `gmail`. Only adapters create it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[schema(as = ToolName)]
pub struct Tool(&'static str);

impl Tool {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Returns the name as the API writes it.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

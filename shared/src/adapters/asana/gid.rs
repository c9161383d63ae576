//! Asana's ids and names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

use crate::adapters::input::Line;

/// A name of a task, a project, a section or a tag. Asana documents no limit; this is a sanity limit.
pub(super) type Name = Line<4096>;

/// A gid, Asana's id: only digits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("x-form" = "a gid: only digits"))]
pub(super) struct Gid(String);

impl TryFrom<String> for Gid {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(Self(text)),
            false => Err("must be a gid: only digits, for example 1200000000000021"),
        }
    }
}

impl Deref for Gid {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

//! Gmail's ids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

use crate::validate::MAX_ID_BYTES;

/// An id of a message, a thread, a draft or a label.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_ID_BYTES, "x-form" = "an id: letters, digits, - and _"))]
pub(super) struct Id(String);

/// An id of a MIME part, which is its place in the message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_ID_BYTES, "x-form" = "an id of an attachment: numbers with dots"))]
pub(super) struct PartId(String);

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        match (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(is_id) {
            true => Ok(Self(text)),
            false => Err("must be an id: letters, digits, - and _, for example 19a4c0ffee00beef"),
        }
    }
}

impl TryFrom<String> for PartId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match text.len() <= MAX_ID_BYTES && text.split('.').all(is_number) {
            true => Ok(Self(text)),
            false => Err("must be an id of an attachment: numbers with dots, for example 0.2"),
        }
    }
}

impl Deref for Id {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for PartId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

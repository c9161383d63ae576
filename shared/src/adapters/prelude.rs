//! The names that the file of an action needs, as `use crate::adapters::prelude::*;`.

pub(super) use http::Method;
pub(super) use schemars::JsonSchema;
pub(super) use serde::{Deserialize, Serialize};
pub(super) use serde_json::{Value, json};
pub(super) use serde_with::skip_serializing_none;

pub(super) use super::action::{Action, ActionOutput, Meta, Reconciliation, Scopes, Target, TargetKind};
pub(super) use super::api::Api;
pub(super) use super::input::{Cursor, Day, Instant, Items, Limit, Line, Text};
pub(super) use super::listing::{List, Listed};
pub(super) use crate::error::{Error, Kind, Result};

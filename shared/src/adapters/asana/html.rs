//! Texts in Asana's HTML, as a caller gives them: checked when they are parsed.

use std::ops::Deref;

use super::input::Plain;
use super::rich_text::{self, Place};
use crate::adapters::prelude::*;

/// A text of a project or a comment in Asana's HTML: <https://developers.asana.com/docs/rich-text>
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "Plain")]
#[schemars(inline, with = "Plain", extend("x-form" = "<body>...</body>"))]
pub(super) struct Html(Plain);

/// A description of a task in Asana's HTML, which also has headings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "Plain")]
#[schemars(inline, with = "Plain", extend("x-form" = "<body>...</body>"))]
pub(super) struct TaskHtml(Plain);

impl TryFrom<Plain> for Html {
    type Error = String;

    fn try_from(text: Plain) -> Result<Self, Self::Error> {
        rich_text::check(&text, Place::Other).map(|()| Self(text))
    }
}

impl TryFrom<Plain> for TaskHtml {
    type Error = String;

    fn try_from(text: Plain) -> Result<Self, Self::Error> {
        rich_text::check(&text, Place::Task).map(|()| Self(text))
    }
}

impl Deref for Html {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for TaskHtml {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

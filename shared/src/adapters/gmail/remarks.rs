//! Remarks of a mail: facts about its recipients that the caller of an action has to know.

use serde::{Deserialize, Serialize};

/// Most names of a mail, and most characters of each.
const MAX_LEFT_OUT: usize = 20;
const MAX_LEFT_OUT_CHARACTERS: usize = 80;

/// Remarks of a mail, as its checkpoint has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Remarks {
    /// The people who should get it and have no address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) left_out: Vec<String>,
    /// True if the aliases of the account could not be read, so that one may be among the recipients.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) aliases_unknown: bool,
}

impl Remarks {
    /// Returns the remarks in a length that can be stored.
    pub(super) fn short(&self) -> Self {
        let names = self.left_out.iter().take(MAX_LEFT_OUT);
        let mut left_out: Vec<String> =
            names.map(|text| text.chars().take(MAX_LEFT_OUT_CHARACTERS).collect()).collect();
        let more = self.left_out.len() - left_out.len();
        if more > 0 {
            left_out.push(format!("and {more} more"));
        }
        Self { left_out, ..self.clone() }
    }

    /// Returns a sentence for the result.
    pub(super) fn note(&self) -> Option<&'static str> {
        self.aliases_unknown.then_some(
            "The account's aliases could not be read with this grant, so one of them may be among the recipients.",
        )
    }
}

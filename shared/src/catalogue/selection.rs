//! The selection of entries by the filters of a request.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Entry, search};
use crate::adapters::action::{Effect, Tier};
use crate::error::{Error, Result};
use crate::nearest;

/// The ranks of the listed actions.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TierFilter {
    /// What most agents need.
    Core,
    /// Every action.
    All,
}

/// The filters of a list. Each one that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Names of actions, with or without their tool: `send_email`, `gmail_send_email`. None: every name.
    pub actions: Vec<String>,
    /// Effects; none: every effect.
    pub effects: Vec<Effect>,
    /// The ranks. By default those of [`TierFilter::Core`], and all of them where actions are named or searched.
    pub tier: Option<TierFilter>,
    /// Words to search for. The best match comes first.
    pub query: Option<String>,
}

impl Selection {
    /// Returns the selected entries.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `actions` for a name that no entry has.
    pub fn apply(&self, entries: Vec<Entry>) -> Result<Vec<Entry>> {
        let is_named = |entry: &Entry, name: &str| name == entry.action || name == entry.name();
        if let Some(unknown) = self.actions.iter().find(|name| !entries.iter().any(|entry| is_named(entry, name))) {
            let names: Vec<String> = entries.iter().map(Entry::name).collect();
            let question = nearest::question(unknown, names.iter().map(String::as_str));
            let reason = format!("must be names of listed actions, for example gmail_send_email{question}");
            return Err(Error::invalid("actions", reason));
        }
        let default = match self.actions.is_empty() && self.query.is_none() {
            true => TierFilter::Core,
            false => TierFilter::All,
        };
        let is_core_only = self.tier.unwrap_or(default) == TierFilter::Core;
        let is_selected = |entry: &Entry| {
            (self.actions.is_empty() || self.actions.iter().any(|name| is_named(entry, name)))
                && (self.effects.is_empty() || self.effects.contains(&entry.effect))
                && (!is_core_only || entry.tier == Tier::Core)
        };
        let selected: Vec<Entry> = entries.into_iter().filter(is_selected).collect();
        Ok(match &self.query {
            Some(query) => search::ranked(selected, query),
            None => selected,
        })
    }
}

//! The selection of entries by the filters of a request.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Entry, OWN_TOOL, search};
use crate::adapters;
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

/// Checks the names of tools, of which [`OWN_TOOL`] is one.
///
/// # Errors
/// [`Error::Invalid`] naming `tools`.
pub fn check_tools(names: &[String]) -> Result<()> {
    let known: Vec<&str> = adapters::ALL.iter().map(|adapter| adapter.tool.as_str()).chain([OWN_TOOL]).collect();
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let question = nearest::question(unknown, known.iter().copied());
            let reason = format!("must be names of tools: {}{question}", known.join(", "));
            Err(Error::invalid("tools", reason))
        }
    }
}

impl Selection {
    /// Checks that each named action is one of these entries.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `actions`.
    pub fn check(&self, entries: &[Entry]) -> Result<()> {
        let unknown = self.actions.iter().find(|name| !entries.iter().any(|entry| is_named(entry, name)));
        let Some(unknown) = unknown else { return Ok(()) };
        let names: Vec<String> = entries.iter().map(Entry::name).collect();
        let question = nearest::question(unknown, names.iter().map(String::as_str));
        let reason = format!("must be names of listed actions, for example gmail_send_email{question}");
        Err(Error::invalid("actions", reason))
    }

    /// Returns the ranks of the selection.
    pub fn tier(&self) -> TierFilter {
        let default = match self.actions.is_empty() && self.query.is_none() {
            true => TierFilter::Core,
            false => TierFilter::All,
        };
        self.tier.unwrap_or(default)
    }

    /// Returns the selected entries.
    pub fn apply(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let is_core_only = self.tier() == TierFilter::Core;
        let is_selected = |entry: &Entry| {
            (self.actions.is_empty() || self.actions.iter().any(|name| is_named(entry, name)))
                && (self.effects.is_empty() || self.effects.contains(&entry.effect))
                && (!is_core_only || entry.tier == Tier::Core)
        };
        let selected: Vec<Entry> = entries.into_iter().filter(is_selected).collect();
        match &self.query {
            Some(query) => search::ranked(selected, query),
            None => selected,
        }
    }
}

fn is_named(entry: &Entry, name: &str) -> bool {
    let action = name.strip_prefix(entry.tool).and_then(|tail| tail.strip_prefix('_')).unwrap_or(name);
    action == entry.action || entry.aliases.contains(&action)
}

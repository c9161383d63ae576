//! Reconciliation: the query that asks a provider about an effect whose response was lost.

use serde_json::Value;

use super::output::ActionOutput;
use super::scopes::Scopes;

/// The result of a reconciliation. `T` is the action's own type of data.
#[derive(Clone, Debug, PartialEq)]
pub enum Reconciliation<T = Value> {
    /// The effect was applied. Holds the output that the lost response would have given.
    Applied(ActionOutput<T>),
    /// The provider has no trace of the effect.
    NotApplied,
    /// The provider's data does not decide it.
    Inconclusive,
    /// A part of a long list was read and decides nothing yet. Holds the cursor from which the next reconciliation goes on, as
    /// [`Api::cursor`](super::api::Api::cursor).
    Unfinished(String),
}

/// The means by which an action reconciles an effect whose response was lost.
#[derive(Clone, Copy, Debug)]
pub struct ReconcileBy {
    /// The properties that identify the effect, for people.
    pub by: &'static str,
    /// The scopes it needs besides those of the action.
    pub scopes: Scopes,
}

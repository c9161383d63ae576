//! The meta data of an action: everything that is known of it without its input.

use serde::Serialize;
use utoipa::ToSchema;

use super::effect::Effect;
use super::reconciliation::ReconcileBy;
use super::scopes::{Scopes, TokenKind};

/// The advice where the provider can return an object only whole.
pub const NO_SMALLER_FORM: &str = "the provider has no smaller form of it";

/// The rank of an action in the lists for models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// What most agents need: listed by default.
    Core,
    /// Listed on request.
    More,
}

/// The meta data of an action, as one constant: a constructor for its effect, then what differs from the usual.
///
/// `Meta::create("create_task", WRITE_TASKS).core().reconciled_by("its external id", READ_TASKS).example(r#"{"name": "Ship"}"#)`
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// The intent's name.
    pub name: &'static str,
    /// Alternative names.
    pub aliases: &'static [&'static str],
    /// The scopes that must have been granted.
    pub scopes: Scopes,
    /// The token of its calls, which must have these scopes.
    pub token: TokenKind,
    /// The kind of the action by what a second run would do.
    pub effect: Effect,
    /// The thing that it overwrites or removes; `None` if it only reads or adds. In the terms of the Model Context Protocol it is then
    /// destructive: <https://modelcontextprotocol.io/specification/2025-06-18/schema#toolannotations>
    pub overwrites: Option<&'static str>,
    /// The rank in the lists for models.
    pub tier: Tier,
    /// The means of reconciling a lost response. Without it a person must decide.
    pub reconcile_by: Option<ReconcileBy>,
    /// The advice to a caller who asked for an object that alone is longer than a response may be, in terms of the action's own
    /// fields, each in backquotes. Pages of a list are made smaller without it.
    pub smaller_request: &'static str,
    /// True if [`Action::prepare`](super::action::Action::prepare) always returns a checkpoint. A missing checkpoint then proves that
    /// [`Action::run`](super::action::Action::run) was not called.
    pub stores_checkpoint: bool,
    /// A context as an agent would write it, in JSON. The catalogue shows it, and a test runs it against the sandbox's fixtures, so
    /// its ids must exist there.
    pub example: &'static str,
}

impl Meta {
    /// Returns the meta data of an action that changes nothing.
    pub const fn read(name: &'static str, scopes: Scopes) -> Self {
        Self {
            name,
            aliases: &[],
            scopes,
            token: TokenKind::App,
            effect: Effect::Read,
            overwrites: None,
            tier: Tier::More,
            reconcile_by: None,
            smaller_request: NO_SMALLER_FORM,
            stores_checkpoint: false,
            example: "{}",
        }
    }

    /// Returns the meta data of an action that changes something, where a second run leaves the same state.
    pub const fn idempotent(name: &'static str, scopes: Scopes) -> Self {
        Self { effect: Effect::Idempotent, ..Self::read(name, scopes) }
    }

    /// Returns the meta data of an action that creates something, where a second run creates a second one.
    pub const fn create(name: &'static str, scopes: Scopes) -> Self {
        Self { effect: Effect::Create, ..Self::read(name, scopes) }
    }

    /// Sets the alternative names.
    pub const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// Makes the calls with the person's own token.
    pub const fn with_user_token(self) -> Self {
        Self { token: TokenKind::User, ..self }
    }

    /// Says what the action overwrites or removes, such as `the old text of the message`.
    pub const fn overwrites(self, what: &'static str) -> Self {
        Self { overwrites: Some(what), ..self }
    }

    /// Puts the action into the lists that models get by default.
    pub const fn core(self) -> Self {
        Self { tier: Tier::Core, ..self }
    }

    /// Says by which properties a lost response is reconciled, and which scopes that needs besides the action's own.
    pub const fn reconciled_by(self, by: &'static str, scopes: Scopes) -> Self {
        Self { reconcile_by: Some(ReconcileBy { by, scopes }), ..self }
    }

    /// Sets the advice to a caller who asked for too large an object.
    pub const fn smaller_request(self, advice: &'static str) -> Self {
        Self { smaller_request: advice, ..self }
    }

    /// Says that [`Action::prepare`](super::action::Action::prepare) always returns a checkpoint.
    pub const fn stores_checkpoint(self) -> Self {
        Self { stores_checkpoint: true, ..self }
    }

    /// Sets the example: a context in JSON.
    pub const fn example(self, json: &'static str) -> Self {
        Self { example: json, ..self }
    }
}

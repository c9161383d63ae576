//! Notes: creates and lists notes.

mod create_note;
mod list_notes;

use super::action::ActionDef;
use super::{Adapter, OAUTH2, OAuthSpec, Origin, Revoke, RevokeToken};
use crate::tool::Tool;

/// The adapter.
pub static ADAPTER: Adapter = Adapter {
    tool: Tool::new("notes"),
    description: "Creates and lists notes of the connected account.",
    api: ORIGIN,
    oauth: OAuthSpec {
        // https://notes.example/docs/oauth
        authorize: (ORIGIN, "/oauth/authorize"),
        token: (ORIGIN, "/oauth/token"),
        revoke: Some(Revoke { endpoint: (ORIGIN, "/oauth/revoke"), token: RevokeToken::Refresh }),
        scopes: &["notes:read", "notes:write"],
        ..OAUTH2
    },
    headers: &[],
    classify: |_| None,
    actions: &[ActionDef::of::<create_note::CreateNote>(), ActionDef::of::<list_notes::ListNotes>()],
};

const ORIGIN: Origin = Origin { name: "notes", url: "https://api.notes.example" };

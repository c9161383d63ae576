//! A person as a caller names them.

use serde::Deserializer;
use serde::de::Error as _;

use super::directory;
use super::envelope::Envelope;
use super::input::is_gid;
use super::record::Ref;
use super::reference::{self, WorkspaceId};
use crate::adapters::prelude::*;

const FORM: &str = "`me`, an e-mail address, a user's gid or name";
/// The look-up of the connected user's id.
const ME: &str = "user me";
/// Maximum length of a text that names a person.
const MAX_CHARS: usize = 254;

/// A person: `me`, an e-mail address, a user's id (gid), a link to their profile or their name.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(inline, with = "String", extend("maxLength" = MAX_CHARS, "x-form" = FORM))]
pub(super) enum Person {
    /// A key that Asana takes as it is: `me`, an e-mail address or an id.
    Key(String),
    /// A name.
    Name(String),
}

/// Returns people as Asana takes them: [`Person::resolve`].
///
/// # Errors
/// As [`Person::resolve`].
pub(super) async fn resolve_all(
    api: &Api<'_>,
    field: &str,
    people: &[Person],
    workspace: Option<&WorkspaceId>,
) -> Result<Vec<String>> {
    let mut keys = vec![];
    for person in people {
        keys.push(person.resolve(api, field, workspace).await?);
    }
    Ok(keys)
}

impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const REASON: &str = "must be `me`, an e-mail address, a user's gid or name, for example ann@example.com";
        let text = String::deserialize(deserializer)?;
        let text = text.trim();
        if let Some(gid) = reference::parse_id(text, "user").map_err(D::Error::custom)? {
            return Ok(Self::Key(gid));
        }
        let is_email = text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
        let is_line = text.chars().count() <= MAX_CHARS && !text.contains(char::is_control);
        match text {
            "me" => Ok(Self::Key(text.to_owned())),
            _ if is_email && is_line && !text.contains(char::is_whitespace) => Ok(Self::Key(text.to_owned())),
            _ if is_line && !text.is_empty() && !text.contains('@') => Ok(Self::Name(text.to_owned())),
            _ => Err(D::Error::custom(REASON)),
        }
    }
}

impl Person {
    /// Returns the person as Asana takes them: `me`, an e-mail address or an id. A name is looked up among the people of the workspace, or
    /// else of all workspaces of the account.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `field`: no person or several people of that name; or a failure of the look-up.
    pub(super) async fn resolve(&self, api: &Api<'_>, field: &str, workspace: Option<&WorkspaceId>) -> Result<String> {
        Ok(self.find(api, field, workspace).await?.gid)
    }

    /// Returns the person as a target.
    ///
    /// # Errors
    /// As [`Person::resolve`].
    pub(super) async fn target(&self, api: &Api<'_>, field: &str, workspace: Option<&WorkspaceId>) -> Result<Target> {
        let found = self.find(api, field, workspace).await?;
        Ok(Target::person(found.gid).named(found.name))
    }

    /// Returns the id of the person. Where Asana takes nothing else, an e-mail address is looked up too.
    ///
    /// # Errors
    /// As [`Person::resolve`].
    pub(super) async fn resolve_gid(&self, api: &Api<'_>, field: &str) -> Result<String> {
        let key = match self {
            Self::Name(_) => return self.resolve(api, field, None).await,
            Self::Key(key) if is_gid(key) => return Ok(key.clone()),
            Self::Key(key) => key,
        };
        if key != "me" {
            return Ok(Self::look_up(api, field, key, None).await?.gid);
        }
        if let Some(gid) = api.get_lookup(ME) {
            return Ok(gid);
        }
        // https://developers.asana.com/reference/getuser
        let call = api.get(&["api", "1.0", "users", "me"]).lookup().query("opt_fields", "name");
        let me = call.send::<Envelope<Ref>>().await?.data.gid;
        api.insert_lookup(ME, &me);
        Ok(me)
    }

    async fn find(&self, api: &Api<'_>, field: &str, workspace: Option<&WorkspaceId>) -> Result<Ref> {
        match self {
            Self::Key(key) => Ok(Ref { gid: key.clone(), name: None }),
            Self::Name(name) => Self::look_up(api, field, name, workspace).await,
        }
    }

    /// Looks up a name or an e-mail address.
    async fn look_up(api: &Api<'_>, field: &str, name: &str, workspace: Option<&WorkspaceId>) -> Result<Ref> {
        // https://developers.asana.com/reference/getusers
        let list = |workspace: &str| {
            api.get(&["api", "1.0", "users"]).query("workspace", workspace).query("opt_fields", "name,email")
        };
        directory::find_in_workspaces(api, ("user", field), name, workspace, list).await
    }
}

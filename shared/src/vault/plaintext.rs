//! The text of tokens, which is encrypted or stored as a secret. Each copy of a token in it is wiped.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{TokenBinding, Tokens, UserTokens};
use crate::error::{Error, Result};

/// The size of a text with four tokens of two kibibytes each. A text that outgrows it leaves a copy in memory that is not wiped.
const USUAL_BYTES: usize = 10 * 1024;

#[derive(Serialize)]
struct Pair<'a> {
    access: &'a str,
    refresh: Option<&'a str>,
}

impl<'a> Pair<'a> {
    fn new(access: &'a SecretString, refresh: Option<&'a SecretString>) -> Self {
        Self { access: access.expose_secret(), refresh: refresh.map(ExposeSecret::expose_secret) }
    }
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    tokens: Pair<'a>,
    owner: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Pair<'a>>,
}

#[derive(Deserialize)]
struct Read {
    access: SecretString,
    refresh: Option<SecretString>,
    owner: String,
    user: Option<ReadPair>,
}

#[derive(Deserialize)]
struct ReadPair {
    access: SecretString,
    refresh: Option<SecretString>,
}

impl Tokens {
    /// Serializes the tokens with their owner.
    pub(super) fn to_plaintext(&self, binding: TokenBinding<'_>) -> Result<Zeroizing<String>> {
        let written = Written {
            tokens: Pair::new(&self.access, self.refresh.as_ref()),
            owner: binding.owner(),
            user: self.user.as_ref().map(|user| Pair::new(&user.access, user.refresh.as_ref())),
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(USUAL_BYTES));
        serde_json::to_writer(&mut *bytes, &written).map_err(|_| Error::internal("tokens are no JSON"))?;
        let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| Error::internal("tokens are no text"))?;
        Ok(Zeroizing::new(text))
    }

    /// Parses such a text. Tokens bound to another owner are treated as missing: the row was tampered with.
    pub(super) fn from_plaintext(text: &str, binding: TokenBinding<'_>) -> Result<Self> {
        let Read { access, refresh, owner, user } = serde_json::from_str(text)
            .map_err(|_| Error::internal("stored tokens are not JSON with an access token"))?;
        if owner != binding.owner() {
            return Err(Error::NotFound("Tokens of this owner"));
        }
        let user = user.map(|ReadPair { access, refresh }| UserTokens { access, refresh });
        Ok(Self { access, refresh, user })
    }
}

//! Where tokens rest: [`TokenVault`] with its two implementations, and the [`Sealer`] both the sealed one and the OAuth flow
//! use. Beyond a few thousand connections a secret each costs more than everything else together; README has the figures.

mod encrypted_column;
mod secrets_manager;

pub use encrypted_column::{ColumnCipher, EncryptedColumnVault};
pub use secrets_manager::{SecretReader, SecretsManagerVault};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::config::VaultKind;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys::composite_key;
use crate::tables::integrations::StoredTokens;
use crate::tool::Tool;

/// A connection's tokens. They have no `Serialize`, and `Debug` shows none of them.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// What calls carry.
    pub access: SecretString,
    /// What gets a new pair, where the provider gave one.
    pub refresh: Option<SecretString>,
}

/// The tokens that were stored last.
#[derive(Debug)]
pub struct LatestVersion {
    /// Their `tokenVersion`.
    pub version: String,
    /// Where they are.
    pub stored: StoredTokens,
    /// The tokens.
    pub tokens: Tokens,
}

/// Whose tokens, and which. A sealed text opens for exactly these.
#[derive(Clone, Copy, Debug)]
pub struct TokenBinding<'a> {
    /// The user.
    pub user: &'a UserId,
    /// The tool.
    pub tool: Tool,
    /// The connection's `tokenVersion`.
    pub version: &'a str,
}

/// Where tokens rest. New connections go where the configuration says; every connection stays where its row says it is,
/// so that the setting can be changed at any time.
#[derive(Clone, Debug)]
pub struct TokenVault {
    kind: VaultKind,
    encrypted_column: EncryptedColumnVault,
    secrets_manager: SecretsManagerVault,
}

impl TokenVault {
    /// A vault that keeps new connections as `kind` says.
    pub fn new(kind: VaultKind, encrypted_column: EncryptedColumnVault, secrets_manager: SecretsManagerVault) -> Self {
        Self { kind, encrypted_column, secrets_manager }
    }

    /// The name of the secret for a new connection, which its row must hold before [`TokenVault::create`] is called, so that
    /// no secret is ever left that no row names. `None`: nothing has to be written first.
    pub fn reserve_secret(&self, name: &str) -> Option<String> {
        match self.kind {
            VaultKind::EncryptedColumn => None,
            VaultKind::SecretsManager => Some(self.secrets_manager.secret_name(name)),
        }
    }

    /// Keeps the tokens of a new connection, in the reserved secret if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn create(
        &self,
        owner: TokenBinding<'_>,
        tokens: &Tokens,
        reserved: Option<&str>,
    ) -> Result<StoredTokens> {
        match reserved {
            Some(name) => self.secrets_manager.create(name, owner, tokens).await,
            None => self.encrypted_column.encrypt(owner, tokens).await,
        }
    }

    /// Replaces the tokens of a connection by those of `owner.version`. Repeating it is harmless.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn replace(
        &self,
        owner: TokenBinding<'_>,
        tokens: &Tokens,
        stored: &StoredTokens,
    ) -> Result<StoredTokens> {
        match stored {
            StoredTokens::EncryptedColumn(_) => self.encrypted_column.encrypt(owner, tokens).await,
            StoredTokens::Secret { name, .. } => self.secrets_manager.put(name, owner, tokens).await,
        }
    }

    /// Reads the tokens of a connection.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they are gone or do not open; [`Error::Unavailable`] when they cannot be had now.
    pub async fn read(&self, owner: TokenBinding<'_>, stored: &StoredTokens) -> Result<Tokens> {
        match stored {
            StoredTokens::EncryptedColumn(text) => self.encrypted_column.decrypt(owner, text).await,
            StoredTokens::Secret { name, version } => self.secrets_manager.get(owner, name, version).await,
        }
    }

    /// The last tokens that were stored in the place of these. Its row may not name them yet: a process can stop between the
    /// two writes. `None` for sealed tokens, which lie in the row itself, and where there are none.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn latest(&self, owner: TokenBinding<'_>, stored: &StoredTokens) -> Result<Option<LatestVersion>> {
        match stored {
            StoredTokens::EncryptedColumn(_) => Ok(None),
            StoredTokens::Secret { name, .. } => self.secrets_manager.latest(owner, name).await,
        }
    }

    /// The same tokens under the current key. `None`: they lie under it, or under none.
    ///
    /// # Errors
    /// As [`TokenVault::open`].
    pub async fn reencrypt(&self, owner: TokenBinding<'_>, stored: &StoredTokens) -> Result<Option<StoredTokens>> {
        match stored {
            StoredTokens::EncryptedColumn(text) => self.encrypted_column.reencrypt(owner, text).await,
            StoredTokens::Secret { .. } => Ok(None),
        }
    }

    /// Removes secrets by name; ones that are gone already, or were never made, are no error. Sealed tokens go with their
    /// row.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn delete_secrets(&self, secrets: impl IntoIterator<Item = &String>) -> Result<()> {
        for name in secrets {
            self.secrets_manager.delete(name).await?;
        }
        Ok(())
    }
}

impl TokenBinding<'_> {
    /// Whose they are, whatever their version.
    fn owner(&self) -> String {
        composite_key(&[self.user.as_str(), self.tool.as_str()])
    }
}

impl Tokens {
    /// The text that is sealed or stored as a secret, for nobody else. Dropping it wipes it.
    fn to_plaintext(&self, owner: TokenBinding<'_>) -> Zeroizing<String> {
        let refresh = self.refresh.as_ref().map(ExposeSecret::expose_secret);
        let text = json!({ "access": self.access.expose_secret(), "refresh": refresh, "owner": owner.owner() });
        Zeroizing::new(text.to_string())
    }

    /// Reads such a text. Another's are as good as none: somebody has put their name into this row.
    fn from_plaintext(text: &str, owner: TokenBinding<'_>) -> Result<Self> {
        let mut value: Value = serde_json::from_str(text).map_err(|_| Error::internal("stored tokens are not JSON"))?;
        if value["owner"] != owner.owner() {
            return Err(Error::NotFound("Tokens of this owner"));
        }
        let mut take = |name: &str| match value[name].take() {
            Value::String(text) => Some(SecretString::from(text)),
            _ => None,
        };
        let access = take("access").ok_or_else(|| Error::internal("stored tokens hold no access token"))?;
        Ok(Self { access, refresh: take("refresh") })
    }
}

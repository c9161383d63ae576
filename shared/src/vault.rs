//! Storage of tokens: [`TokenVault`] with its two implementations, and the [`ColumnCipher`] that the encrypted column and
//! [`FlowCipher`] use, each with a keyring of its own. Above a few thousand connections, one secret per connection costs more than everything else together; infra/README.md has
//! the figures.

mod author_marks;
mod encrypted_column;
mod flow_cipher;
mod plaintext;
mod secrets_manager;

pub use author_marks::AuthorMarks;
pub use encrypted_column::{ColumnCipher, EncryptedColumnVault};
pub use flow_cipher::FlowCipher;
pub use secrets_manager::{SecretReader, SecretsManagerVault};

use secrecy::SecretString;

use crate::account::AccountId;
use crate::config::VaultKind;
use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys::composite_key;
use crate::tables::integrations::{Connection, StoredTokens};
use crate::tool::Tool;
use secrets_manager::SecretsClient;

/// Tokens of a connection. They implement no `Serialize`, and their `Debug` output shows neither.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Access token of provider calls.
    pub access: SecretString,
    /// Refresh token, if the provider issued one.
    pub refresh: Option<SecretString>,
    /// The person's own tokens beside these, which are the app's then.
    pub user: Option<UserTokens>,
}

/// The person's own tokens beside those of the app.
#[derive(Clone, Debug)]
pub struct UserTokens {
    /// Access token.
    pub access: SecretString,
    /// Refresh token, if the provider issued one.
    pub refresh: Option<SecretString>,
}

/// Latest tokens in the vault, with their version and location.
#[derive(Debug)]
pub struct LatestVersion {
    /// Their `tokenVersion`.
    pub version: String,
    /// Their location.
    pub stored: StoredTokens,
    /// The tokens.
    pub tokens: Tokens,
}

/// Binding of stored tokens to one version of one connection. Encrypted tokens decrypt only with the same binding.
#[derive(Clone, Copy, Debug)]
pub struct TokenBinding<'a> {
    /// The user.
    pub user: &'a UserId,
    /// The tool.
    pub tool: Tool,
    /// The account.
    pub account: &'a AccountId,
    /// The connection's `tokenVersion`.
    pub version: &'a str,
}

/// The vault of all connections. The configuration decides where a new connection's tokens are stored; an existing connection stays
/// where its row says, so that the setting can be changed at any time.
#[derive(Clone, Debug)]
pub struct TokenVault {
    kind: VaultKind,
    encrypted_column: EncryptedColumnVault,
    secrets_manager: SecretsManagerVault,
}

impl Part for TokenVault {
    fn build(deployment: &Deployment) -> Self {
        let cipher = deployment.part::<ColumnCipher>().clone();
        let secrets = deployment.part::<SecretsClient>().0.clone();
        Self::new(
            deployment.config.vault,
            EncryptedColumnVault::new(cipher),
            SecretsManagerVault::new(secrets, &deployment.config.stage, deployment.config.kms_key.clone()),
        )
    }
}

impl TokenVault {
    /// Creates a vault that stores the tokens of new connections as `kind` says.
    pub fn new(kind: VaultKind, encrypted_column: EncryptedColumnVault, secrets_manager: SecretsManagerVault) -> Self {
        Self { kind, encrypted_column, secrets_manager }
    }

    /// Returns the name of the secret for a new connection. The row must name it before [`TokenVault::create`] is called, so that
    /// every secret is named by a row. `None`: no secret is needed.
    pub fn reserve_secret(&self, name: &str) -> Option<String> {
        match self.kind {
            VaultKind::EncryptedColumn => None,
            VaultKind::SecretsManager => Some(self.secrets_manager.secret_name(name)),
        }
    }

    /// Stores the tokens of a new connection, in the reserved secret if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn create(
        &self,
        binding: TokenBinding<'_>,
        tokens: &Tokens,
        reserved: Option<&str>,
    ) -> Result<StoredTokens> {
        match reserved {
            Some(name) => self.secrets_manager.create(name, binding, tokens).await,
            None => self.encrypted_column.encrypt(binding, tokens).await,
        }
    }

    /// Replaces the tokens of a connection by those of `binding.version`. Idempotent.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn replace(
        &self,
        binding: TokenBinding<'_>,
        tokens: &Tokens,
        stored: &StoredTokens,
    ) -> Result<StoredTokens> {
        match stored {
            StoredTokens::EncryptedColumn(_) => self.encrypted_column.encrypt(binding, tokens).await,
            StoredTokens::Secret { name, .. } => self.secrets_manager.put(name, binding, tokens).await,
        }
    }

    /// Reads the tokens of a connection.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::error::Error::NotFound) when they are missing or cannot be decrypted;
    /// [`Error::Unavailable`](crate::error::Error::Unavailable) when they cannot be read now.
    pub async fn read(&self, binding: TokenBinding<'_>, stored: &StoredTokens) -> Result<Tokens> {
        match stored {
            StoredTokens::EncryptedColumn(text) => self.encrypted_column.decrypt(binding, text).await,
            StoredTokens::Secret { name, version } => self.secrets_manager.get(binding, name, version).await,
        }
    }

    /// Reads the latest tokens at this location. The row may not name them yet: a process can stop between the two writes. `None`
    /// for an encrypted column, which is part of the row, and for a missing secret.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn latest(&self, binding: TokenBinding<'_>, stored: &StoredTokens) -> Result<Option<LatestVersion>> {
        match stored {
            StoredTokens::EncryptedColumn(_) => Ok(None),
            StoredTokens::Secret { name, .. } => self.secrets_manager.latest(binding, name).await,
        }
    }

    /// Re-encrypts tokens with the current key. `None`: they are encrypted with it already, or not encrypted here.
    ///
    /// # Errors
    /// As [`TokenVault::read`].
    pub async fn reencrypt(&self, binding: TokenBinding<'_>, stored: &StoredTokens) -> Result<Option<StoredTokens>> {
        match stored {
            StoredTokens::EncryptedColumn(text) => self.encrypted_column.reencrypt(binding, text).await,
            StoredTokens::Secret { .. } => Ok(None),
        }
    }

    /// Deletes secrets by name. A missing secret is no error. Tokens in an encrypted column are deleted with their row.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn delete_secrets(&self, secrets: impl IntoIterator<Item = &String>) -> Result<()> {
        for name in secrets {
            self.secrets_manager.delete(name).await?;
        }
        Ok(())
    }
}

impl<'a> TokenBinding<'a> {
    /// The binding of a connection's present tokens.
    pub fn of(user: &'a UserId, tool: Tool, connection: &'a Connection) -> Self {
        Self { user, tool, account: &connection.account.id, version: &connection.token_version }
    }
}

impl TokenBinding<'_> {
    /// Returns the key of user, tool and account, without the version.
    fn owner(&self) -> String {
        composite_key(&[self.user.as_str(), self.tool.as_str(), self.account.as_str()])
    }

    /// Returns the associated data of the encryption: user, tool, account and version.
    fn aad(&self) -> String {
        composite_key(&[self.user.as_str(), self.tool.as_str(), self.account.as_str(), self.version])
    }
}

impl UserTokens {
    /// The tokens, the refresh token first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &SecretString> {
        self.refresh.iter().chain([&self.access])
    }
}

impl Tokens {
    /// Tokens of a provider that issues one access token.
    pub fn new(access: impl Into<SecretString>, refresh: Option<SecretString>) -> Self {
        Self { access: access.into(), refresh, user: None }
    }

    /// All tokens, each refresh token before its access token.
    pub(crate) fn all(&self) -> impl Iterator<Item = &SecretString> {
        self.refresh.iter().chain([&self.access]).chain(self.user.iter().flat_map(UserTokens::all))
    }
}

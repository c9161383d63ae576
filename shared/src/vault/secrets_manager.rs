//! Secrets Manager: one secret per connection, read and cached by version; and the operator's own secrets.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::types::Tag;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

use super::{LatestVersion, TokenBinding, Tokens};
use crate::aws::{self, LazyClient};
use crate::cache::BoundedCache;
use crate::config::SecretSource;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::tables::integrations::StoredTokens;

/// Maximum number of token versions that a process caches.
const MAX_CACHED_VERSIONS: usize = 256;
/// Prefix of request tokens, which need at least 32 characters.
const REQUEST_TOKEN_PREFIX: &str = "tokens-";
/// Codes of a secret that is deleted or about to be.
const NOT_FOUND_CODES: [&str; 2] = ["ResourceNotFoundException", "InvalidRequestException"];
/// Codes of a secret that the role or the key does not permit to read.
const ACCESS_DENIED_CODES: [&str; 2] = ["AccessDeniedException", "DecryptionFailure"];

/// Client of Secrets Manager, created at its first use. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct SecretsClient(pub(super) LazyClient<Client>);

impl Part for SecretsClient {
    fn build(deployment: &Deployment) -> Self {
        let aws = deployment.aws.clone();
        Self(LazyClient::new(move || Client::new(&aws)))
    }
}

/// Reader of the operator's secrets: the keyring and the OAuth clients.
#[derive(Clone, Debug)]
pub struct SecretReader(LazyClient<Client>);

impl Part for SecretReader {
    fn build(deployment: &Deployment) -> Self {
        Self::new(deployment.part::<SecretsClient>().0.clone())
    }
}

impl SecretReader {
    /// Creates a reader that uses `client`.
    pub fn new(client: LazyClient<Client>) -> Self {
        Self(client)
    }

    /// Reads the text of a secret setting.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] when the secret does not exist; [`Error::Unavailable`] when it cannot be read now.
    pub async fn read(&self, source: &SecretSource) -> Result<SecretString> {
        match source {
            SecretSource::Inline(text) => Ok(text.clone()),
            SecretSource::Secret(id) => match self.0.get_secret_value().secret_id(id).send().await {
                Ok(response) => Ok(response.secret_string.unwrap_or_default().into()),
                Err(error) if aws::has_code(&error, "ResourceNotFoundException") => {
                    Err(Error::NotConfigured(format!("secret {id}")))
                }
                Err(error) => Err(read_error(error)),
            },
        }
    }
}

/// Key of cached tokens: their binding and their location.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CacheKey {
    aad: String,
    name: String,
    version: String,
}

fn cache_key(binding: TokenBinding<'_>, name: &str, version: &str) -> CacheKey {
    CacheKey { aad: binding.aad(), name: name.to_owned(), version: version.to_owned() }
}

/// Vault with one secret per connection, under a new random name: Secrets Manager does not accept the name of a secret that is being
/// deleted.
#[derive(Clone, Debug)]
pub struct SecretsManagerVault {
    client: LazyClient<Client>,
    prefix: String,
    kms_key: Option<String>,
    cache: Arc<BoundedCache<CacheKey, Tokens>>,
}

/// One version of a secret.
struct FetchedSecret {
    version: String,
    tokens: Tokens,
}

impl SecretsManagerVault {
    /// Creates a vault with secrets named `/plugin-engine/<stage>/<random>`. `kms_key` encrypts new ones, instead of the account's key
    /// for Secrets Manager.
    pub fn new(client: LazyClient<Client>, stage: &str, kms_key: Option<String>) -> Self {
        Self {
            client,
            prefix: format!("/plugin-engine/{stage}/"),
            kms_key,
            cache: Arc::new(BoundedCache::new(MAX_CACHED_VERSIONS)),
        }
    }

    pub(super) fn secret_name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(super) async fn create(&self, name: &str, binding: TokenBinding<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
        let created = self
            .client
            .create_secret()
            .name(name)
            .set_kms_key_id(self.kms_key.clone())
            .client_request_token(request_token(binding.version))
            .secret_string(tokens.to_plaintext(binding)?.as_str())
            .tags(Tag::builder().key("plugin-engine:tool").value(binding.tool.as_str()).build())
            .send()
            .await
            .map_err(aws::failure)?;
        self.cache_written(binding, name, created.version_id, tokens)
    }

    pub(super) async fn put(&self, name: &str, binding: TokenBinding<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        // A repeated call with the same token and value creates no new version, so it is idempotent.
        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        let put = self
            .client
            .put_secret_value()
            .secret_id(name)
            .client_request_token(request_token(binding.version))
            .secret_string(tokens.to_plaintext(binding)?.as_str())
            .send()
            .await
            .map_err(aws::failure)?;
        self.cache_written(binding, name, put.version_id, tokens)
    }

    pub(super) async fn get(&self, binding: TokenBinding<'_>, name: &str, version: &str) -> Result<Tokens> {
        let key = cache_key(binding, name, version);
        if let Some(tokens) = self.cache.get(&key) {
            return Ok(tokens);
        }
        if !version.is_empty() && version != request_token(binding.version) {
            return Err(Error::NotFound("Tokens of this version"));
        }
        // The read is by version id: a label that lags cannot return old tokens. The row of an interrupted connect names no version;
        // a secret that it created has one version only.
        let version = Some(version.to_owned()).filter(|version| !version.is_empty());
        let FetchedSecret { tokens, .. } = self.fetch(binding, name, version).await?;
        self.cache.insert(key, tokens.clone(), |_| true);
        Ok(tokens)
    }

    pub(super) async fn latest(&self, binding: TokenBinding<'_>, name: &str) -> Result<Option<LatestVersion>> {
        let FetchedSecret { version: version_id, tokens } = match self.fetch(binding, name, None).await {
            Err(Error::NotFound(_)) => return Ok(None),
            result => result?,
        };
        let version = version_id.strip_prefix(REQUEST_TOKEN_PREFIX).map(ToOwned::to_owned);
        let stored = StoredTokens::Secret { name: name.to_owned(), version: version_id };
        Ok(version.map(|version| LatestVersion { version, stored, tokens }))
    }

    /// Reads one version of a secret, or the current one.
    async fn fetch(&self, binding: TokenBinding<'_>, name: &str, version: Option<String>) -> Result<FetchedSecret> {
        match self.client.get_secret_value().secret_id(name).set_version_id(version).send().await {
            Ok(response) => {
                let text = SecretString::from(response.secret_string.unwrap_or_default());
                let version = response.version_id.unwrap_or_default();
                Ok(FetchedSecret { version, tokens: Tokens::from_plaintext(text.expose_secret(), binding)? })
            }
            Err(error) if NOT_FOUND_CODES.iter().any(|code| aws::has_code(&error, code)) => {
                Err(Error::NotFound("Secret"))
            }
            Err(error) => Err(read_error(error)),
        }
    }

    pub(super) async fn delete(&self, name: &str) -> Result<()> {
        self.cache.remove_where(|key| key.name == name);
        let deleted = self.client.delete_secret().secret_id(name).force_delete_without_recovery(true).send().await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) if aws::has_code(&error, "ResourceNotFoundException") => Ok(()),
            Err(error) => Err(aws::failure(error)),
        }
    }

    fn cache_written(
        &self,
        binding: TokenBinding<'_>,
        name: &str,
        version: Option<String>,
        tokens: &Tokens,
    ) -> Result<StoredTokens> {
        let version = version.ok_or_else(|| Error::internal("Secrets Manager named no version"))?;
        self.cache.insert(cache_key(binding, name, &version), tokens.clone(), |_| true);
        Ok(StoredTokens::Secret { name: name.to_owned(), version })
    }
}

/// Converts a failed read. A missing permission of the role or the key is temporary: the operator can grant it, and no secret is lost.
fn read_error(error: SdkError<GetSecretValueError>) -> Error {
    match ACCESS_DENIED_CODES.iter().any(|code| aws::has_code(&error, code)) {
        true => Error::unavailable(aws::describe(&error)),
        false => aws::failure(error),
    }
}

/// Returns the request token of a version, which becomes the id of the secret's version. It must have 32 to 64 characters; a version
/// is a ULID of 26.
fn request_token(version: &str) -> String {
    format!("{REQUEST_TOKEN_PREFIX}{version}")
}

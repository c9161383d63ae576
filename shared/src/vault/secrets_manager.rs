//! Secrets Manager: one secret a connection, read by version id and cached by version; and the operator's own secrets.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::types::Tag;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{LatestVersion, TokenBinding, Tokens};
use crate::aws::{self, LazyClient};
use crate::config::SecretSource;
use crate::error::{Error, Result};
use crate::keys::composite_key;
use crate::tables::integrations::StoredTokens;

/// Most connections whose tokens one process keeps in memory.
const MAX_CACHED_VERSIONS: usize = 256;
const REQUEST_TOKEN_PREFIX: &str = "tokens-";
/// Codes that mean that a secret is no longer there, or about to go.
const NOT_FOUND_CODES: [&str; 2] = ["ResourceNotFoundException", "InvalidRequestException"];
/// Codes that mean that it may not be read now.
const ACCESS_DENIED_CODES: [&str; 2] = ["AccessDeniedException", "DecryptionFailure"];

/// Reads the operator's secrets: the keyring, the OAuth clients.
#[derive(Clone, Debug)]
pub struct SecretReader(LazyClient<Client>);

impl SecretReader {
    /// Reads through `client`.
    pub fn new(client: LazyClient<Client>) -> Self {
        Self(client)
    }

    /// The text of a secret setting.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] when the secret is not there; [`Error::Unavailable`] when it cannot be read now.
    pub async fn read(&self, source: &SecretSource) -> Result<SecretString> {
        match source {
            SecretSource::Inline(text) => Ok(text.clone()),
            SecretSource::Secret(id) => match self.0.get_secret_value().secret_id(id).send().await {
                Ok(answer) => Ok(answer.secret_string.unwrap_or_default().into()),
                Err(error) if aws::has_code(&error, "ResourceNotFoundException") => {
                    Err(Error::NotConfigured(format!("secret {id}")))
                }
                Err(error) => Err(read_error(error)),
            },
        }
    }
}

type Cache = Arc<Mutex<HashMap<CacheKey, Tokens>>>;

/// Where tokens are, and whose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CacheKey {
    binding: String,
    name: String,
    version: String,
}

fn cache_key(owner: TokenBinding<'_>, name: &str, version: &str) -> CacheKey {
    CacheKey {
        binding: composite_key(&[&owner.owner(), owner.version]),
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

/// One secret a connection, under a fresh random name: a name under deletion cannot be used again at once.
#[derive(Clone, Debug)]
pub struct SecretsManagerVault {
    client: LazyClient<Client>,
    prefix: String,
    cache: Cache,
}

impl SecretsManagerVault {
    /// A vault whose secrets are named `/plugin-engine/<stage>/<random>`.
    pub fn new(client: LazyClient<Client>, stage: &str) -> Self {
        Self { client, prefix: format!("/plugin-engine/{stage}/"), cache: Cache::default() }
    }

    pub(super) fn secret_name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(super) async fn create(&self, name: &str, owner: TokenBinding<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
        let created = self
            .client
            .create_secret()
            .name(name)
            .client_request_token(request_token(owner.version))
            .secret_string(tokens.to_plaintext(owner).as_str())
            .tags(Tag::builder().key("plugin-engine:tool").value(owner.tool.as_str()).build())
            .send()
            .await
            .map_err(aws::failure)?;
        self.cache_written(owner, name, created.version_id, tokens)
    }

    pub(super) async fn put(&self, name: &str, owner: TokenBinding<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        // The same token and value again is no new version, so a repeated call is harmless.
        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        let put = self
            .client
            .put_secret_value()
            .secret_id(name)
            .client_request_token(request_token(owner.version))
            .secret_string(tokens.to_plaintext(owner).as_str())
            .send()
            .await
            .map_err(aws::failure)?;
        self.cache_written(owner, name, put.version_id, tokens)
    }

    pub(super) async fn get(&self, owner: TokenBinding<'_>, name: &str, version: &str) -> Result<Tokens> {
        let place = cache_key(owner, name, version);
        let cached = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        if let Some(tokens) = cached {
            return Ok(tokens);
        }
        if !version.is_empty() && version != request_token(owner.version) {
            return Err(Error::NotFound("Tokens of this version"));
        }
        // By version id: a label that lags cannot serve old tokens. A connect that stopped half-way names none; what it may
        // have written is the secret's first and only version.
        let version = Some(version.to_owned()).filter(|version| !version.is_empty());
        let (_, tokens) = self.fetch(owner, name, version).await?;
        self.insert_cached(place, &tokens);
        Ok(tokens)
    }

    pub(super) async fn latest(&self, owner: TokenBinding<'_>, name: &str) -> Result<Option<LatestVersion>> {
        let (id, tokens) = match self.fetch(owner, name, None).await {
            Err(Error::NotFound(_)) => return Ok(None),
            fetched => fetched?,
        };
        let version = id.strip_prefix(REQUEST_TOKEN_PREFIX).map(ToOwned::to_owned);
        let stored = StoredTokens::Secret { name: name.to_owned(), version: id };
        Ok(version.map(|version| LatestVersion { version, stored, tokens }))
    }

    /// Reads a version, or the current one.
    async fn fetch(&self, owner: TokenBinding<'_>, name: &str, version: Option<String>) -> Result<(String, Tokens)> {
        match self.client.get_secret_value().secret_id(name).set_version_id(version).send().await {
            Ok(answer) => {
                let text = SecretString::from(answer.secret_string.unwrap_or_default());
                let version = answer.version_id.unwrap_or_default();
                Ok((version, Tokens::from_plaintext(text.expose_secret(), owner)?))
            }
            Err(error) if NOT_FOUND_CODES.iter().any(|code| aws::has_code(&error, code)) => {
                Err(Error::NotFound("Secret"))
            }
            Err(error) => Err(read_error(error)),
        }
    }

    pub(super) async fn delete(&self, name: &str) -> Result<()> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).retain(|place, _| place.name != name);
        let deleted = self.client.delete_secret().secret_id(name).force_delete_without_recovery(true).send().await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) if aws::has_code(&error, "ResourceNotFoundException") => Ok(()),
            Err(error) => Err(aws::failure(error)),
        }
    }

    fn cache_written(
        &self,
        owner: TokenBinding<'_>,
        name: &str,
        version: Option<String>,
        tokens: &Tokens,
    ) -> Result<StoredTokens> {
        let version = version.ok_or_else(|| Error::internal("Secrets Manager named no version"))?;
        self.insert_cached(cache_key(owner, name, &version), tokens);
        Ok(StoredTokens::Secret { name: name.to_owned(), version })
    }

    fn insert_cached(&self, place: CacheKey, tokens: &Tokens) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MAX_CACHED_VERSIONS {
            cache.clear();
        }
        cache.insert(place, tokens.clone());
    }
}

/// Why a secret could not be read. A role or a key is for somebody to put right: what it keeps from us is not lost.
fn read_error(error: SdkError<GetSecretValueError>) -> Error {
    match ACCESS_DENIED_CODES.iter().any(|code| aws::has_code(&error, code)) {
        true => Error::unavailable(aws::describe(&error)),
        false => aws::failure(error),
    }
}

/// A request token must have 32 to 64 characters; a version is a ULID of 26. It becomes the id of the secret's version.
fn request_token(version: &str) -> String {
    format!("{REQUEST_TOKEN_PREFIX}{version}")
}

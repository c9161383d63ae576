//! Secrets Manager: one secret a connection, read by version id and cached by version; and the operator's own secrets.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::types::Tag;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Newest, Owner, Tokens};
use crate::aws::{self, Lazily};
use crate::config::SecretSource;
use crate::error::{Error, Result};
use crate::ids::key;
use crate::tables::integrations::StoredTokens;

/// Most connections whose tokens one process keeps in memory.
const CACHED: usize = 256;
const REQUEST_TOKEN: &str = "tokens-";
/// Codes that mean that a secret is no longer there, or about to go.
const GONE: [&str; 2] = ["ResourceNotFoundException", "InvalidRequestException"];
/// Codes that mean that it may not be read now.
const DENIED: [&str; 2] = ["AccessDeniedException", "DecryptionFailure"];

/// Reads the operator's secrets: the keyring, the OAuth clients.
#[derive(Clone, Debug)]
pub struct SecretReader(Lazily<Client>);

impl SecretReader {
    /// Reads through `client`.
    pub fn new(client: Lazily<Client>) -> Self {
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
                Err(error) => Err(unreadable(error)),
            },
        }
    }
}

type Cache = Arc<Mutex<HashMap<Place, Tokens>>>;

/// Where tokens are, and whose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    owner: String,
    name: String,
    version: String,
}

fn place(owner: Owner<'_>, name: &str, version: &str) -> Place {
    Place { owner: key(&[&owner.place(), owner.version]), name: name.to_owned(), version: version.to_owned() }
}

/// One secret a connection, under a fresh random name: a name under deletion cannot be used again at once.
#[derive(Clone, Debug)]
pub struct SecretsManagerVault {
    client: Lazily<Client>,
    prefix: String,
    cache: Cache,
}

impl SecretsManagerVault {
    /// A vault whose secrets are named `/plugin-engine/<stage>/<random>`.
    pub fn new(client: Lazily<Client>, stage: &str) -> Self {
        Self { client, prefix: format!("/plugin-engine/{stage}/"), cache: Cache::default() }
    }

    pub(super) fn reserve(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(super) async fn create(&self, name: &str, owner: Owner<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
        let created = self
            .client
            .create_secret()
            .name(name)
            .client_request_token(request_token(owner.version))
            .secret_string(tokens.to_text(owner).as_str())
            .tags(Tag::builder().key("plugin-engine:tool").value(owner.tool.as_str()).build())
            .send()
            .await
            .map_err(aws::failure)?;
        self.kept(owner, name, created.version_id, tokens)
    }

    pub(super) async fn put(&self, name: &str, owner: Owner<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        // The same token and value again is no new version, so a repeated call is harmless.
        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        let put = self
            .client
            .put_secret_value()
            .secret_id(name)
            .client_request_token(request_token(owner.version))
            .secret_string(tokens.to_text(owner).as_str())
            .send()
            .await
            .map_err(aws::failure)?;
        self.kept(owner, name, put.version_id, tokens)
    }

    pub(super) async fn get(&self, owner: Owner<'_>, name: &str, version: &str) -> Result<Tokens> {
        let place = place(owner, name, version);
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
        self.remember(place, &tokens);
        Ok(tokens)
    }

    pub(super) async fn newest(&self, owner: Owner<'_>, name: &str) -> Result<Option<Newest>> {
        let (id, tokens) = match self.fetch(owner, name, None).await {
            Err(Error::NotFound(_)) => return Ok(None),
            fetched => fetched?,
        };
        let version = id.strip_prefix(REQUEST_TOKEN).map(ToOwned::to_owned);
        let stored = StoredTokens::Secret { name: name.to_owned(), version: id };
        Ok(version.map(|version| Newest { version, stored, tokens }))
    }

    /// Reads a version, or the current one.
    async fn fetch(&self, owner: Owner<'_>, name: &str, version: Option<String>) -> Result<(String, Tokens)> {
        match self.client.get_secret_value().secret_id(name).set_version_id(version).send().await {
            Ok(answer) => {
                let text = SecretString::from(answer.secret_string.unwrap_or_default());
                let version = answer.version_id.unwrap_or_default();
                Ok((version, Tokens::from_text(text.expose_secret(), owner)?))
            }
            Err(error) if GONE.iter().any(|code| aws::has_code(&error, code)) => Err(Error::NotFound("Secret")),
            Err(error) => Err(unreadable(error)),
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

    fn kept(&self, owner: Owner<'_>, name: &str, version: Option<String>, tokens: &Tokens) -> Result<StoredTokens> {
        let version = version.ok_or_else(|| Error::internal("Secrets Manager named no version"))?;
        self.remember(place(owner, name, &version), tokens);
        Ok(StoredTokens::Secret { name: name.to_owned(), version })
    }

    fn remember(&self, place: Place, tokens: &Tokens) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED {
            cache.clear();
        }
        cache.insert(place, tokens.clone());
    }
}

/// Why a secret could not be read. A role or a key is for somebody to put right: what it keeps from us is not lost.
fn unreadable(error: SdkError<GetSecretValueError>) -> Error {
    match DENIED.iter().any(|code| aws::has_code(&error, code)) {
        true => Error::unavailable(aws::describe(&error)),
        false => aws::failure(error),
    }
}

/// A request token must have 32 to 64 characters; a version is a ULID of 26. It becomes the id of the secret's version.
fn request_token(version: &str) -> String {
    format!("{REQUEST_TOKEN}{version}")
}

//! Secrets Manager: one secret a connection, read by version id and cached by version; and the operator's own secrets.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::Tag;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Owner, Tokens};
use crate::aws;
use crate::config::SecretSource;
use crate::error::{Error, Result};
use crate::tables::integrations::StoredTokens;

/// Most connections whose tokens one process keeps in memory.
const CACHED: usize = 256;

/// Reads the operator's secrets: the keyring, the OAuth clients.
#[derive(Clone, Debug)]
pub struct SecretReader(Client);

impl SecretReader {
    /// Reads through `client`.
    pub fn new(client: Client) -> Self {
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
                Err(error) => Err(aws::failure(error)),
            },
        }
    }
}

type Cache = Arc<Mutex<HashMap<(String, String), Tokens>>>;

/// One secret a connection, under a fresh random name: a name under deletion cannot be used again at once.
#[derive(Clone, Debug)]
pub struct SecretsManagerVault {
    client: Client,
    prefix: String,
    cache: Cache,
}

impl SecretsManagerVault {
    /// A vault whose secrets are named `/plugin-engine/<stage>/<random>`.
    pub fn new(client: Client, stage: &str) -> Self {
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
            .secret_string(tokens.to_text().as_str())
            .tags(Tag::builder().key("plugin-engine:tool").value(owner.tool.as_str()).build())
            .send()
            .await
            .map_err(aws::failure)?;
        self.kept(name, created.version_id, tokens)
    }

    pub(super) async fn put(&self, name: &str, owner: Owner<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        // The same token and value again is no new version, so a repeated call is harmless.
        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        let put = self
            .client
            .put_secret_value()
            .secret_id(name)
            .client_request_token(request_token(owner.version))
            .secret_string(tokens.to_text().as_str())
            .send()
            .await
            .map_err(aws::failure)?;
        self.kept(name, put.version_id, tokens)
    }

    pub(super) async fn get(&self, name: &str, version: &str) -> Result<Tokens> {
        let place = (name.to_owned(), version.to_owned());
        let cached = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        if let Some(tokens) = cached {
            return Ok(tokens);
        }
        // By version id: a label that lags cannot serve old tokens. A connect that stopped half-way names none; what it may
        // have written is the secret's first and only version.
        let version = Some(version.to_owned()).filter(|version| !version.is_empty());
        match self.client.get_secret_value().secret_id(name).set_version_id(version).send().await {
            Ok(answer) => {
                let text = SecretString::from(answer.secret_string.unwrap_or_default());
                let tokens = Tokens::from_text(text.expose_secret())?;
                self.remember(place, &tokens);
                Ok(tokens)
            }
            Err(error)
                if aws::has_code(&error, "ResourceNotFoundException")
                    || aws::has_code(&error, "InvalidRequestException") =>
            {
                Err(Error::NotFound("Secret"))
            }
            Err(error) => Err(aws::failure(error)),
        }
    }

    pub(super) async fn delete(&self, name: &str) -> Result<()> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).retain(|(cached, _), _| cached != name);
        let deleted = self.client.delete_secret().secret_id(name).force_delete_without_recovery(true).send().await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) if aws::has_code(&error, "ResourceNotFoundException") => Ok(()),
            Err(error) => Err(aws::failure(error)),
        }
    }

    fn kept(&self, name: &str, version: Option<String>, tokens: &Tokens) -> Result<StoredTokens> {
        let version = version.ok_or_else(|| Error::internal("Secrets Manager named no version"))?;
        self.remember((name.to_owned(), version.clone()), tokens);
        Ok(StoredTokens::Secret { name: name.to_owned(), version })
    }

    fn remember(&self, place: (String, String), tokens: &Tokens) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED {
            cache.clear();
        }
        cache.insert(place, tokens.clone());
    }
}

/// A request token must have 32 to 64 characters; a version is a ULID of 26.
fn request_token(version: &str) -> String {
    format!("tokens-{version}")
}

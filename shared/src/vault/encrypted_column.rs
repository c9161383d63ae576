//! The encrypted column: AES-256-GCM with a keyring, and with associated data that binds a text to its row.
//!
//! The keyring is JSON: `{"current": "k2", "k1": "...", "k2": "..."}`. Each entry besides `current` is key material of at least 32
//! characters, from which HKDF-SHA256 (RFC 5869) derives the key. New texts use the current key; old texts decrypt as long as their
//! key is in the keyring. A process that reads an unknown key id reloads the keyring, which may have been rotated since. If the key is
//! still missing, it was removed too early: the error is temporary, because restoring the key restores the texts. An encrypted text is
//! base64 of `version 1 | length of the key id | key id | nonce | ciphertext`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::sync::RwLock;
use zeroize::Zeroizing;

use super::secrets_manager::SecretReader;
use super::{TokenBinding, Tokens};
use crate::clock::Random;
use crate::config::SecretSource;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::tables::integrations::StoredTokens;

const FORMAT_VERSION: u8 = 1;
const MIN_KEY_MATERIAL_BYTES: usize = 32;

/// Cipher of short texts. Cheap to clone; the keyring is read at the first use.
#[derive(Clone, Debug)]
pub struct ColumnCipher {
    source: SecretSource,
    secrets: SecretReader,
    keyring: Arc<RwLock<Option<Arc<Keyring>>>>,
    random: Random,
}

struct Keyring {
    current: String,
    keys: BTreeMap<String, LessSafeKey>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("current", &self.current).finish_non_exhaustive()
    }
}

impl Part for ColumnCipher {
    fn build(deployment: &Deployment) -> Self {
        let secrets = deployment.part::<SecretReader>().clone();
        Self::new(deployment.config.keyring.clone(), secrets, deployment.random.clone())
    }
}

impl ColumnCipher {
    /// Creates a cipher with the keyring of `source`.
    pub fn new(source: SecretSource, secrets: SecretReader, random: Random) -> Self {
        Self { source, secrets, keyring: Arc::default(), random }
    }

    /// Encrypts `text` with `aad` as associated data.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] for an invalid keyring; [`Error::Unavailable`] when it cannot be read now.
    pub async fn encrypt(&self, aad: &str, text: &str) -> Result<String> {
        let keyring = self.load_keyring().await?;
        let key = keyring.keys.get(&keyring.current).ok_or_else(invalid_keyring)?;
        let nonce: [u8; NONCE_LEN] = self.random.bytes();
        let mut ciphertext = text.as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut ciphertext)
            .map_err(|_| Error::internal("encryption failed"))?;
        let id_length = u8::try_from(keyring.current.len()).map_err(Error::internal)?;
        let parts = [&[FORMAT_VERSION, id_length], keyring.current.as_bytes(), &nonce[..], &ciphertext[..]];
        Ok(STANDARD_NO_PAD.encode(parts.concat()))
    }

    /// Decrypts a text that was encrypted with the same `aad`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it cannot be decrypted: moved to another row, or damaged. [`Error::Unavailable`] when the keyring
    /// cannot be read now or lacks the text's key.
    pub async fn decrypt(&self, aad: &str, encrypted: &str) -> Result<Zeroizing<String>> {
        let undecryptable = || Error::NotFound("Encrypted text");
        let encrypted = EncryptedText::parse(encrypted).ok_or_else(undecryptable)?;
        let keyring = self.keyring_with(&encrypted.key_id).await?;
        let Some(key) = keyring.keys.get(&encrypted.key_id) else {
            let key_id = encrypted.key_id.escape_default();
            return Err(Error::unavailable(format!("the keyring lacks the key '{key_id}'")));
        };
        encrypted.decrypt(key, aad).ok_or_else(undecryptable)
    }

    /// Returns true if a text was encrypted here with this `aad`. A text from elsewhere can name any key, and one of a removed key is
    /// not recognized.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the keyring cannot be read now.
    pub(super) async fn authenticates(&self, aad: &str, encrypted: &str) -> Result<bool> {
        let Some(encrypted) = EncryptedText::parse(encrypted) else { return Ok(false) };
        let keyring = self.keyring_with(&encrypted.key_id).await?;
        Ok(keyring.keys.get(&encrypted.key_id).is_some_and(|key| encrypted.decrypt(key, aad).is_some()))
    }

    /// Returns the keyring, read again if it lacks a key: it may have been rotated since.
    async fn keyring_with(&self, key_id: &str) -> Result<Arc<Keyring>> {
        let keyring = self.load_keyring().await?;
        if keyring.keys.contains_key(key_id) { Ok(keyring) } else { self.reload_keyring().await }
    }

    /// Returns a text as it is encrypted with the current key; `None` if it is already.
    ///
    /// # Errors
    /// Those of [`ColumnCipher::decrypt`].
    pub async fn renewed(&self, aad: &str, encrypted: &str) -> Result<Option<String>> {
        if self.is_current(encrypted).await? {
            return Ok(None);
        }
        let text = self.decrypt(aad, encrypted).await?;
        self.encrypt(aad, &text).await.map(Some)
    }

    /// Returns true if the text is encrypted with the current key.
    async fn is_current(&self, encrypted: &str) -> Result<bool> {
        let keyring = self.load_keyring().await?;
        Ok(EncryptedText::parse(encrypted).is_some_and(|encrypted| encrypted.key_id == keyring.current))
    }

    async fn load_keyring(&self) -> Result<Arc<Keyring>> {
        let loaded = self.keyring.read().await.clone();
        match loaded {
            Some(keyring) => Ok(keyring),
            None => self.reload_keyring().await,
        }
    }

    async fn reload_keyring(&self) -> Result<Arc<Keyring>> {
        let text = self.secrets.read(&self.source).await?;
        let keyring = Arc::new(Keyring::parse(text.expose_secret()).ok_or_else(invalid_keyring)?);
        *self.keyring.write().await = Some(Arc::clone(&keyring));
        Ok(keyring)
    }
}

fn invalid_keyring() -> Error {
    Error::NotConfigured(
        "encryption: the keyring must be JSON such as {\"current\": \"k1\", \"k1\": \"<at least 32 characters>\"}"
            .to_owned(),
    )
}

/// Parts of an encrypted text.
struct EncryptedText {
    key_id: String,
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl EncryptedText {
    fn parse(encrypted: &str) -> Option<Self> {
        let bytes = STANDARD_NO_PAD.decode(encrypted).ok()?;
        let (&[format, id_length], rest) = bytes.split_first_chunk()?;
        let (id, rest) = rest.split_at_checked(usize::from(id_length)).filter(|_| format == FORMAT_VERSION)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>()?;
        Some(Self { key_id: String::from_utf8(id.to_vec()).ok()?, nonce: *nonce, ciphertext: ciphertext.to_vec() })
    }

    fn decrypt(self, key: &LessSafeKey, aad: &str) -> Option<Zeroizing<String>> {
        let mut text = Zeroizing::new(self.ciphertext);
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let plaintext = key.open_in_place(nonce, Aad::from(aad), &mut text).ok()?;
        String::from_utf8(plaintext.to_vec()).ok().map(Zeroizing::new)
    }
}

impl Keyring {
    fn parse(text: &str) -> Option<Self> {
        let mut entries: BTreeMap<String, String> = serde_json::from_str(text).ok()?;
        let current = entries.remove("current")?;
        let keys = entries
            .iter()
            .map(|(id, material)| Some((id.clone(), derive_key(material)?)))
            .collect::<Option<BTreeMap<_, _>>>()?;
        (keys.contains_key(&current) && current.len() <= 64).then_some(Self { current, keys })
    }
}

fn derive_key(material: &str) -> Option<LessSafeKey> {
    if material.len() < MIN_KEY_MATERIAL_BYTES {
        return None;
    }
    let salt = Salt::new(HKDF_SHA256, b"plugin-engine");
    let pseudorandom = salt.extract(material.as_bytes());
    let key = pseudorandom.expand(&[b"encrypted column v1"], &AES_256_GCM).ok()?;
    Some(LessSafeKey::new(UnboundKey::from(key)))
}

/// Vault that stores tokens in an encrypted column of their row, bound to user, tool and version: moved to another row, they cannot
/// be decrypted.
#[derive(Clone, Debug)]
pub struct EncryptedColumnVault(ColumnCipher);

impl EncryptedColumnVault {
    /// Creates a vault that encrypts with `cipher`.
    pub fn new(cipher: ColumnCipher) -> Self {
        Self(cipher)
    }

    pub(super) async fn encrypt(&self, binding: TokenBinding<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        self.0.encrypt(&binding.aad(), &tokens.to_plaintext(binding)?).await.map(StoredTokens::EncryptedColumn)
    }

    pub(super) async fn decrypt(&self, binding: TokenBinding<'_>, encrypted: &str) -> Result<Tokens> {
        Tokens::from_plaintext(&self.0.decrypt(&binding.aad(), encrypted).await?, binding)
    }

    pub(super) async fn reencrypt(&self, binding: TokenBinding<'_>, encrypted: &str) -> Result<Option<StoredTokens>> {
        if self.0.is_current(encrypted).await? {
            return Ok(None);
        }
        let tokens = self.decrypt(binding, encrypted).await?;
        self.encrypt(binding, &tokens).await.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::LazyClient;
    use aws_sdk_secretsmanager::config::{BehaviorVersion, Config};

    fn cipher(keyring: &str) -> ColumnCipher {
        let config = Config::builder().behavior_version(BehaviorVersion::latest()).build();
        let secrets = SecretReader::new(LazyClient::new(|| aws_sdk_secretsmanager::Client::from_conf(config)));
        ColumnCipher::new(SecretSource::Inline(keyring.to_owned().into()), secrets, Random::system())
    }

    const OLD_KEYRING: &str = r#"{"current":"k1","k1":"0123456789abcdef0123456789abcdef"}"#;
    const ROTATED_KEYRING: &str =
        r#"{"current":"k2","k1":"0123456789abcdef0123456789abcdef","k2":"fedcba9876543210fedcba9876543210"}"#;

    #[tokio::test]
    async fn text_decrypts_only_with_its_associated_data_and_undamaged() {
        let cipher = cipher(OLD_KEYRING);
        let encrypted = cipher.encrypt("u1#gmail#v1", "secret").await.unwrap();
        assert!(!encrypted.contains("secret"));
        assert_eq!(*cipher.decrypt("u1#gmail#v1", &encrypted).await.unwrap(), "secret");
        assert!(cipher.decrypt("u2#gmail#v1", &encrypted).await.is_err(), "moved to another row");
        for at in 0..encrypted.len() {
            let mut damaged = encrypted.clone().into_bytes();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            assert!(cipher.decrypt("u1#gmail#v1", &damaged).await.is_err(), "damaged at {at}");
        }
    }

    #[tokio::test]
    async fn old_texts_decrypt_after_key_rotation_until_their_key_is_removed() {
        let encrypted = cipher(OLD_KEYRING).encrypt("c", "secret").await.unwrap();
        assert_eq!(*cipher(ROTATED_KEYRING).decrypt("c", &encrypted).await.unwrap(), "secret");
        let without_k1 = r#"{"current":"k2","k2":"fedcba9876543210fedcba9876543210"}"#;
        // The error is temporary: restoring the key restores the text.
        assert_eq!(cipher(without_k1).decrypt("c", &encrypted).await.unwrap_err().code(), "UNAVAILABLE");
    }

    #[tokio::test]
    async fn invalid_keyring_is_reported_as_not_configured() {
        for keyring in ["", "{}", r#"{"current":"k1"}"#, r#"{"current":"k1","k1":"short"}"#] {
            let error = cipher(keyring).encrypt("c", "t").await.unwrap_err();
            assert_eq!(error.code(), "NOT_CONFIGURED", "{keyring}");
        }
    }
}

//! Sealing: AES-256-GCM under a keyring, bound to what the text belongs to.
//!
//! The keyring is JSON: `{"current": "k2", "k1": "...", "k2": "..."}`. Each entry besides `current` is key material of at
//! least 32 characters, from which HKDF-SHA256 (RFC 5869) derives the key; new texts use the current one, old ones open
//! while theirs is still there. A process that meets a key it does not know reads the keyring again: it was rotated since. A key
//! that is missing even then was taken out too early; putting it back mends that, so nothing is given up for it. A sealed text
//! is base64 of `version 1 | key id's length | key id | nonce | ciphertext`.

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
use crate::error::{Error, Result};
use crate::keys::composite_key;
use crate::tables::integrations::StoredTokens;

const FORMAT_VERSION: u8 = 1;
const MIN_KEY_MATERIAL_BYTES: usize = 32;

/// Seals and opens short texts. Cheap to clone; the keyring is read at the first use.
#[derive(Clone, Debug)]
pub struct ColumnCipher {
    source: SecretSource,
    secrets: SecretReader,
    load_keyring: Arc<RwLock<Option<Arc<Keyring>>>>,
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

impl ColumnCipher {
    /// A sealer with the keyring of `source`.
    pub fn new(source: SecretSource, secrets: SecretReader, random: Random) -> Self {
        Self { source, secrets, load_keyring: Arc::default(), random }
    }

    /// Seals `text` for exactly this `context`.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] for an unusable keyring; [`Error::Unavailable`] when it cannot be read now.
    pub async fn encrypt(&self, context: &str, text: &str) -> Result<String> {
        let keyring = self.keyring().await?;
        let key = keyring.keys.get(&keyring.current).ok_or_else(invalid_keyring)?;
        let nonce: [u8; NONCE_LEN] = self.random.bytes();
        let mut sealed = text.as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .map_err(|_| Error::internal("sealing failed"))?;
        let id_length = u8::try_from(keyring.current.len()).map_err(Error::internal)?;
        let parts = [&[FORMAT_VERSION, id_length], keyring.current.as_bytes(), &nonce[..], &sealed[..]];
        Ok(STANDARD_NO_PAD.encode(parts.concat()))
    }

    /// Opens what was sealed for exactly this `context`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not open: moved or damaged. [`Error::Unavailable`] when the keyring cannot be read now or
    /// lacks its key.
    pub async fn decrypt(&self, context: &str, sealed: &str) -> Result<Zeroizing<String>> {
        let does_not_open = || Error::NotFound("Sealed text");
        let sealed = EncryptedText::parse(sealed).ok_or_else(does_not_open)?;
        let mut keyring = self.keyring().await?;
        if !keyring.keys.contains_key(&sealed.key_id) {
            keyring = self.reload_keyring().await?;
        }
        let Some(key) = keyring.keys.get(&sealed.key_id) else {
            return Err(Error::unavailable(format!("the keyring lacks the key '{}'", sealed.key_id.escape_default())));
        };
        sealed.decrypt(key, context).ok_or_else(does_not_open)
    }

    /// Whether this was sealed with the key that seals now.
    async fn is_current(&self, sealed: &str) -> Result<bool> {
        let keyring = self.keyring().await?;
        Ok(EncryptedText::parse(sealed).is_some_and(|sealed| sealed.key_id == keyring.current))
    }

    async fn keyring(&self) -> Result<Arc<Keyring>> {
        let known = self.load_keyring.read().await.clone();
        match known {
            Some(keyring) => Ok(keyring),
            None => self.reload_keyring().await,
        }
    }

    async fn reload_keyring(&self) -> Result<Arc<Keyring>> {
        let text = self.secrets.read(&self.source).await?;
        let keyring = Arc::new(Keyring::parse(text.expose_secret()).ok_or_else(invalid_keyring)?);
        *self.load_keyring.write().await = Some(Arc::clone(&keyring));
        Ok(keyring)
    }
}

fn invalid_keyring() -> Error {
    Error::NotConfigured("sealing: the keyring is not {\"current\": id, id: at least 32 characters}".to_owned())
}

/// A sealed text, taken apart.
struct EncryptedText {
    key_id: String,
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl EncryptedText {
    fn parse(sealed: &str) -> Option<Self> {
        let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
        let (&[format, id_length], rest) = bytes.split_first_chunk()?;
        let (id, rest) = rest.split_at_checked(usize::from(id_length)).filter(|_| format == FORMAT_VERSION)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>()?;
        Some(Self { key_id: String::from_utf8(id.to_vec()).ok()?, nonce: *nonce, ciphertext: ciphertext.to_vec() })
    }

    fn decrypt(self, key: &LessSafeKey, context: &str) -> Option<Zeroizing<String>> {
        let mut text = Zeroizing::new(self.ciphertext);
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let opened = key.open_in_place(nonce, Aad::from(context), &mut text).ok()?;
        String::from_utf8(opened.to_vec()).ok().map(Zeroizing::new)
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
    let key = pseudorandom.expand(&[b"seal v1"], &AES_256_GCM).ok()?;
    Some(LessSafeKey::new(UnboundKey::from(key)))
}

/// Tokens sealed in their row, bound to user, tool and version: moved to another row they do not open.
#[derive(Clone, Debug)]
pub struct EncryptedColumnVault(ColumnCipher);

impl EncryptedColumnVault {
    /// A vault that seals with `sealer`.
    pub fn new(sealer: ColumnCipher) -> Self {
        Self(sealer)
    }

    pub(super) async fn encrypt(&self, owner: TokenBinding<'_>, tokens: &Tokens) -> Result<StoredTokens> {
        self.0.encrypt(&aad(owner), &tokens.to_plaintext(owner)).await.map(StoredTokens::EncryptedColumn)
    }

    pub(super) async fn decrypt(&self, owner: TokenBinding<'_>, sealed: &str) -> Result<Tokens> {
        Tokens::from_plaintext(&self.0.decrypt(&aad(owner), sealed).await?, owner)
    }

    pub(super) async fn reencrypt(&self, owner: TokenBinding<'_>, sealed: &str) -> Result<Option<StoredTokens>> {
        if self.0.is_current(sealed).await? {
            return Ok(None);
        }
        let tokens = self.decrypt(owner, sealed).await?;
        self.encrypt(owner, &tokens).await.map(Some)
    }
}

fn aad(owner: TokenBinding<'_>) -> String {
    composite_key(&[owner.user.as_str(), owner.tool.as_str(), owner.version])
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
        let sealer = cipher(OLD_KEYRING);
        let sealed = sealer.encrypt("u1#gmail#v1", "secret").await.unwrap();
        assert!(!sealed.contains("secret"));
        assert_eq!(*sealer.decrypt("u1#gmail#v1", &sealed).await.unwrap(), "secret");
        assert!(sealer.decrypt("u2#gmail#v1", &sealed).await.is_err(), "moved to another row");
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone().into_bytes();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            assert!(sealer.decrypt("u1#gmail#v1", &damaged).await.is_err(), "damaged at {at}");
        }
    }

    #[tokio::test]
    async fn old_texts_decrypt_after_key_rotation_until_their_key_is_removed() {
        let sealed = cipher(OLD_KEYRING).encrypt("c", "secret").await.unwrap();
        assert_eq!(*cipher(ROTATED_KEYRING).decrypt("c", &sealed).await.unwrap(), "secret");
        let gone = r#"{"current":"k2","k2":"fedcba9876543210fedcba9876543210"}"#;
        // Nothing is lost while it can be put back.
        assert_eq!(cipher(gone).decrypt("c", &sealed).await.unwrap_err().code(), "UNAVAILABLE");
    }

    #[tokio::test]
    async fn invalid_keyring_is_reported_as_not_configured() {
        for keyring in ["", "{}", r#"{"current":"k1"}"#, r#"{"current":"k1","k1":"short"}"#] {
            let error = cipher(keyring).encrypt("c", "t").await.unwrap_err();
            assert_eq!(error.code(), "NOT_CONFIGURED", "{keyring}");
        }
    }
}

//! The cipher of connects in progress. Its keyring is not the one of tokens: anyone can call the callback, so its role reads no key that
//! decrypts a token.

use zeroize::Zeroizing;

use super::encrypted_column::ColumnCipher;
use super::secrets_manager::SecretReader;
use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::keys::composite_key;

/// Cipher of the texts of an OAuth flow. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FlowCipher(ColumnCipher);

impl Part for FlowCipher {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, random, .. } = deployment;
        let secrets = deployment.part::<SecretReader>().clone();
        Self(ColumnCipher::new(config.flows_keyring.clone(), secrets, random.clone()))
    }
}

impl FlowCipher {
    /// Encrypts a part of the flow `id`, such as its authorization code.
    ///
    /// # Errors
    /// Those of [`ColumnCipher::encrypt`].
    pub async fn encrypt(&self, id: &str, part: &str, text: &str) -> Result<String> {
        self.0.encrypt(&associated_data(id, part), text).await
    }

    /// Decrypts the same part of the same flow.
    ///
    /// # Errors
    /// Those of [`ColumnCipher::decrypt`].
    pub async fn decrypt(&self, id: &str, part: &str, encrypted: &str) -> Result<Zeroizing<String>> {
        self.0.decrypt(&associated_data(id, part), encrypted).await
    }
}

fn associated_data(id: &str, part: &str) -> String {
    composite_key(&["oauth", id, part])
}

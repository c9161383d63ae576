//! Author marks: texts by which the engine recognizes the effects of one connection among those of others who act as the same app.

use super::ColumnCipher;
use crate::error::Result;
use crate::keys::composite_key;
use crate::tables::integrations::ConnectionKey;

/// The author marks of a connection: an encrypted empty text, with the connection and the effect key as associated data. So a mark is a
/// keyed hash of both, by a nonce of its own.
#[derive(Clone, Debug)]
pub struct AuthorMarks {
    cipher: ColumnCipher,
    connection: String,
}

impl AuthorMarks {
    /// Returns the marks of a connection, by the keyring of `cipher`.
    pub fn new(cipher: ColumnCipher, connection: ConnectionKey<'_>) -> Self {
        Self { cipher, connection: connection.text() }
    }

    /// Returns the key of the connection.
    pub fn connection(&self) -> &str {
        &self.connection
    }

    /// Returns the mark of an effect.
    ///
    /// # Errors
    /// [`Error::NotConfigured`](crate::error::Error::NotConfigured), [`Error::Unavailable`](crate::error::Error::Unavailable) when the
    /// keyring cannot be read.
    pub async fn mark(&self, effect_key: &str) -> Result<String> {
        self.cipher.encrypt(&self.associated_data(effect_key), "").await
    }

    /// True if a mark is that of an effect.
    ///
    /// # Errors
    /// As [`AuthorMarks::mark`].
    pub async fn recognizes(&self, effect_key: &str, mark: &str) -> Result<bool> {
        self.cipher.authenticates(&self.associated_data(effect_key), mark).await
    }

    fn associated_data(&self, effect_key: &str) -> String {
        composite_key(&["author", &self.connection, effect_key])
    }
}

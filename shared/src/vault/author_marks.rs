//! Author marks: texts by which the engine recognizes the effects of one connection among those of others who act as the same app.

use futures::future::BoxFuture;

use super::ColumnCipher;
use crate::adapters::authorship::Authorship;
use crate::error::Result;
use crate::keys::composite_key;
use crate::tables::integrations::ConnectionKey;

/// The author marks of a connection: an encrypted empty text, with the connection and the effect key as associated data.
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

    fn associated_data(&self, effect_key: &str) -> String {
        composite_key(&["author", &self.connection, effect_key])
    }
}

impl Authorship for AuthorMarks {
    fn mark<'a>(&'a self, effect_key: &'a str) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move { self.cipher.encrypt(&self.associated_data(effect_key), "").await })
    }

    fn recognizes<'a>(&'a self, effect_key: &'a str, mark: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move { self.cipher.authenticates(&self.associated_data(effect_key), mark).await })
    }
}

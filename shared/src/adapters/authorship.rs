//! Authorship: how one user's effects are told from those of others who act as the same app.

use futures::future::BoxFuture;
use std::fmt;

use crate::error::Result;

/// The author marks of a connection. A mark is stored at the provider beside the effect key. It is a keyed hash of the user and that
/// key, so others can neither forge one nor see whether two marks have one author.
pub trait Authorship: fmt::Debug + Send + Sync {
    /// Returns the mark of an effect of this connection.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable) when the key cannot be read now.
    fn mark<'a>(&'a self, effect_key: &'a str) -> BoxFuture<'a, Result<String>>;

    /// True if a mark is that of an effect of this connection.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable) when the key cannot be read now.
    fn recognizes<'a>(&'a self, effect_key: &'a str, mark: &'a str) -> BoxFuture<'a, Result<bool>>;
}

/// The authorship of calls that belong to no connection: nothing is marked, and nothing is recognized.
#[derive(Debug)]
pub struct NoAuthor;

impl Authorship for NoAuthor {
    fn mark<'a>(&'a self, _effect_key: &'a str) -> BoxFuture<'a, Result<String>> {
        Box::pin(async { Ok(String::new()) })
    }

    fn recognizes<'a>(&'a self, _effect_key: &'a str, _mark: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(false) })
    }
}

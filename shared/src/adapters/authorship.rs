//! Authorship: how one user's effects are told from those of others who act as the same app.

use futures::future::BoxFuture;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fmt;

use crate::error::Result;

/// The author of a connection's effects.
///
/// A provider's text beside an object carries an author mark, where there is one: a keyed hash of the connection and the effect key,
/// so that others can neither forge one nor see whether two marks have one author. Any other object's id is recorded.
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

    /// Records an object that this connection created, which exists until a time. A failure is logged: the effect has happened.
    fn record<'a>(&'a self, external_id: &'a str, until: Timestamp) -> BoxFuture<'a, ()>;

    /// Returns those of some ids that were recorded.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable) when they cannot be read now.
    fn recorded<'a>(&'a self, external_ids: &'a [String]) -> BoxFuture<'a, Result<BTreeSet<String>>>;
}

/// The authorship of calls that belong to no connection: nothing is marked or recorded, and nothing is recognized.
#[derive(Debug)]
pub struct NoAuthor;

impl Authorship for NoAuthor {
    fn mark<'a>(&'a self, _effect_key: &'a str) -> BoxFuture<'a, Result<String>> {
        Box::pin(async { Ok(String::new()) })
    }

    fn recognizes<'a>(&'a self, _effect_key: &'a str, _mark: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(false) })
    }

    fn record<'a>(&'a self, _external_id: &'a str, _until: Timestamp) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn recorded<'a>(&'a self, _external_ids: &'a [String]) -> BoxFuture<'a, Result<BTreeSet<String>>> {
        Box::pin(async { Ok(BTreeSet::new()) })
    }
}

//! A client that is created at its first use.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

/// Client of a service that many functions never call. Creating it parses the service's endpoint rules, which takes 0.4 million
/// instructions of a cold start. Cheap to clone; clones share the client.
pub struct LazyClient<C>(Arc<LazyLock<C, Box<dyn FnOnce() -> C + Send>>>);

impl<C> LazyClient<C> {
    /// Creates the client with `create` at its first use.
    pub fn new(create: impl FnOnce() -> C + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(create))))
    }
}

impl<C> Deref for LazyClient<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C> Clone for LazyClient<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for LazyClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LazyClient")
    }
}

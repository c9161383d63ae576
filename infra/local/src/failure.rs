//! The error type of this tool: a message for the person at the terminal.

use std::fmt;

/// A result of this tool.
pub type Result<T> = std::result::Result<T, Failure>;

/// An error message, with the remedy where there is one.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// Creates a failure with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Adds context to an error.
pub trait Context<T> {
    /// Converts an error into a [`Failure`] that starts with `context`.
    ///
    /// # Errors
    /// If the result is an error.
    fn context(self, context: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, context: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure(format!("{context}: {error}")))
    }
}

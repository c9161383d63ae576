//! The scopes of a provider's rate limits, and the seam at which each call asks for and reports them.

use futures::future::BoxFuture;
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

use crate::error::Result;

/// The scope of a limit on all calls of an account.
pub const ACCOUNT_SCOPE: &str = "account";

/// The calls to which a provider's rate limit applies.
#[derive(Clone, Copy, Debug)]
pub enum LimitScope {
    /// All calls of an account.
    Account,
    /// The calls of one method, the path behind `/api/`; of some methods, those to one channel. Transfers of files, which have other paths,
    /// are one method.
    Method {
        /// The methods that are limited for each channel, whose id is the field `channel` of the body.
        per_channel: &'static [&'static str],
    },
}

impl LimitScope {
    /// Returns the scope of a call: `account`, `method:<method>` or `method:<method>:<channel>`.
    pub(super) fn of_call(self, path: &str, body: &[u8]) -> String {
        match self {
            Self::Account => ACCOUNT_SCOPE.to_owned(),
            Self::Method { per_channel } => {
                let method = path.rsplit_once("/api/").map_or("files", |(_, method)| method);
                let channel = || {
                    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
                    body["channel"].as_str().map(str::to_owned)
                };
                match per_channel.contains(&method).then(channel).flatten() {
                    Some(channel) => format!("method:{method}:{channel}"),
                    None => format!("method:{method}"),
                }
            }
        }
    }
}

/// The step after a call that was refused because of a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterLimit {
    /// The time to wait has passed: the call is repeated.
    Repeat,
    /// The attempt ends. The time to wait for its new ticket, if it has one.
    Defer(Option<Duration>),
}

/// The rate limits of the account that is called.
pub trait RateLimits: fmt::Debug + Send + Sync {
    /// Asks for a call in a scope.
    ///
    /// # Errors
    /// [`Error::Cooldown`](crate::error::Error::Cooldown) after a limit; nothing was called.
    fn acquire<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Asks for a look-up whose answer is cached. A deferred attempt does not repeat it, so it is none of the attempt's calls.
    ///
    /// # Errors
    /// Those of [`RateLimits::acquire`].
    fn acquire_lookup<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Reports that the provider limits the calls of a scope, in response to a call that began at `called_at`. `retry_after` is the
    /// time to wait, if the provider gave one. An attempt that has called before waits a short time here, before `deadline`: deferred,
    /// it would repeat its earlier calls.
    fn record_limit<'a>(
        &'a self,
        scope: &'a str,
        called_at: Timestamp,
        retry_after: Option<Duration>,
        deadline: Timestamp,
    ) -> BoxFuture<'a, AfterLimit>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_is_of_the_account_the_method_or_its_channel() {
        let methods = LimitScope::Method { per_channel: &["chat.postMessage"] };
        let body = br#"{"channel":"C1","text":"t"}"#;
        for (limits, path, body, scope) in [
            (LimitScope::Account, "/v1/pages/1", &b""[..], "account"),
            (methods, "/files-pri/T1-F1/download/a name of the user's", b"", "method:files"),
            (methods, "/api/conversations.history", b"", "method:conversations.history"),
            (methods, "/api/chat.update", body, "method:chat.update"),
            (methods, "/api/chat.postMessage", body, "method:chat.postMessage:C1"),
            (methods, "/api/chat.postMessage", b"{}", "method:chat.postMessage"),
        ] {
            assert_eq!(limits.of_call(path, body), scope, "{path}");
        }
    }
}

//! How a provider tells whose token one is.

use http::Method;
use serde_json::{Map, Value};

use super::Origin;
use crate::account::Account;

/// The sources of an account's identity at one provider.
#[derive(Debug)]
pub struct AccountSpec {
    /// Reads the account from the token response of a consent; `None` if the response does not name it.
    pub granted: fn(&Value) -> Option<Account>,
    /// The calls that ask for the account of a token, the most telling one first.
    pub queries: &'static [AccountQuery],
    /// The call that tells the account's address on the web where the token response does not.
    pub link: Option<&'static AccountQuery>,
    /// Returns the workspace that calls must name, by the stored fields; `None` where the token names it.
    pub workspace: fn(&Map<String, Value>) -> Option<&str>,
    /// The stored field with the provider's id of the person for whom the app's token acts; `None` if every token is a person's.
    pub person: Option<&'static str>,
}

/// A call that asks for the account of its own token.
#[derive(Debug)]
pub struct AccountQuery {
    /// The method.
    pub method: Method,
    /// The origin.
    pub origin: Origin,
    /// The segments of the path.
    pub path: &'static [&'static str],
    /// Reads the account from the response; `None` if the response does not name it.
    pub account: fn(&Value) -> Option<Account>,
}

/// Returns a text of a response that is not empty.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The workspace of providers whose tokens are those of one workspace.
pub(super) fn no_workspace(_fields: &Map<String, Value>) -> Option<&str> {
    None
}

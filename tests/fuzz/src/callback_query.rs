//! The query a provider's redirect brings, or anybody's browser.

use super::deployment::{FRONTEND_URL, handle};
use lambda_http::Body;

/// The provider's redirect with any query, the state among it: the browser always goes on to the frontend, with an error from
/// a fixed list, and nothing of the query goes with it.
pub fn callback_query(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    let Ok(uri) = format!("https://api.example.com/callback?{query}").parse::<http::Uri>() else { return };
    let event = http::Request::get(uri).body(Body::Empty).unwrap();
    let answer = handle(event, oauth_callback::route);
    assert_eq!(answer.status(), 302, "{query:?}");
    let to = answer.headers()["location"].to_str().unwrap();
    let error = to.strip_prefix(FRONTEND_URL).and_then(|rest| rest.strip_prefix("#error="));
    let known = ["access_denied", "provider_error", "invalid_callback", "invalid_state"];
    assert!(error.is_some_and(|error| known.contains(&error)), "{query:?} leads to {to}");
}

//! Fuzz target: the query of the OAuth callback.

use super::deployment::{FRONTEND_URL, handle};
use lambda_http::Body;

/// Checks the OAuth callback with any query, including the state: the response always redirects to the frontend with an error
/// from a fixed list and contains nothing of the query.
pub fn callback_query(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    let Ok(uri) = format!("https://api.example.com/callback?{query}").parse::<http::Uri>() else { return };
    let event = http::Request::get(uri).body(Body::Empty).unwrap();
    let response = handle(event, oauth_callback::route);
    assert_eq!(response.status(), 302, "{query:?}");
    let location = response.headers()["location"].to_str().unwrap();
    let error = location.strip_prefix(FRONTEND_URL).and_then(|rest| rest.strip_prefix("#error="));
    let known = ["access_denied", "provider_error", "invalid_callback", "invalid_state"];
    assert!(error.is_some_and(|error| known.contains(&error)), "{query:?} redirects to {location}");
}

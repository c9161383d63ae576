//! The calls of the OAuth callback, which anyone can make.

use crate::support::TestApp;
use sandbox::settings::OAUTH_REDIRECT_URI;

/// Anyone can call the callback: what one call can cost is bounded, whatever it says and how often it comes.
#[tokio::test]
async fn a_callback_costs_at_most_one_small_write() {
    let app = TestApp::start().await;
    let url = app.auth_url("attacker", "gmail").await;
    let back = app.browse(&format!("{url}&auto=allow")).await;
    let state = back.split(['?', '&']).find_map(|pair| pair.strip_prefix("state=")).unwrap();
    let (unknown, long) = ("A".repeat(43), "c".repeat(2048));
    let own_code = format!("code={long}&state={state}");
    // The units of a write, which are those of the item. The store names none for a condition that fails; AWS counts the item's as well.
    let cases = [
        ("no state of this engine", "code=1&state=unknown".to_owned(), "invalid_state", None),
        ("a long one", format!("code=1&state={}", unknown.repeat(100)), "invalid_state", None),
        ("a code too long", format!("code={long}c&state={state}"), "invalid_callback", None),
        ("an unknown state", format!("code={long}&state={unknown}"), "invalid_state", Some(0.0)),
        ("an unknown rejection", format!("error=access_denied&state={unknown}"), "invalid_state", Some(0.0)),
        ("the longest code", own_code.clone(), "connectCode=", Some(4.0)),
        ("the same again", own_code, "connectCode=", Some(4.0)),
        ("another code", format!("code=guess&state={state}"), "invalid_state", Some(0.0)),
    ];
    for (case, query, expected, units) in cases {
        app.calls.reset();
        let landed = app.callback(&format!("{OAUTH_REDIRECT_URI}?{query}")).await;
        assert!(landed.contains(expected), "{case}: {landed}");
        let calls: Vec<_> = app.calls.units().into_iter().map(|(call, units)| (call, units.write)).collect();
        assert_eq!(
            calls,
            units.map(|units| ("UpdateItem".to_owned(), units)).into_iter().collect::<Vec<_>>(),
            "{case}"
        );
    }
}

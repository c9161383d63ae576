//! Every route of every function, by its manifest and the samples of `events/`.

use super::{ADMITTED, TWO_LEASES, reads, write};
use crate::support::{BASE, Sample, TestApp, TestResponse, root, samples};
use generate::Callers;

/// The method, path and samples of every route that reads a token, or of every other.
fn routes(with_token: bool) -> Vec<(String, String, &'static [Sample])> {
    let functions = generate::read(&root()).unwrap_or_else(|error| panic!("{error}"));
    let routes = functions.iter().flat_map(|function| &function.routes);
    let routes = routes.filter(|route| (route.callers != Callers::Anyone) == with_token);
    let keys: Vec<String> = routes.flat_map(generate::Route::keys).collect();
    let split = |key: &String| key.split_once(' ').map(|(method, path)| (method.to_owned(), path.to_owned())).unwrap();
    keys.iter().map(split).map(|(method, path)| (method.clone(), path.clone(), samples::of(&method, &path))).collect()
}

/// Sends a sample.
async fn send(app: &TestApp, (method, path): (&str, &str), sample: &Sample, token: Option<&str>) -> TestResponse {
    let mut url = url::form_urlencoded::Serializer::new(format!("{}?", &path[BASE.len()..]));
    for (name, value) in &sample.query {
        url.append_pair(name, value.as_str().unwrap());
    }
    app.send(method, url.finish().trim_end_matches('?'), token, sample.body.as_ref().map(ToString::to_string)).await
}

#[tokio::test]
async fn every_route_that_reads_a_token_is_refused_when_the_budget_is_used_up() {
    let app = TestApp::start_with(&TWO_LEASES).await;
    reads(&app, "user_123", ADMITTED).await;
    for _ in 0..ADMITTED {
        write(&app, "user_123").await.ok();
    }
    // Remembers both refusals.
    app.get("user_123", "?format=mcp").await.refused(429, "RATE_LIMITED");
    write(&app, "user_123").await.refused(429, "RATE_LIMITED");
    app.calls.reset();
    let (token, other) = (app.token("user_123"), app.token("other"));
    let mut refused = 0;
    for (method, path, samples) in routes(true) {
        assert!(!samples.is_empty(), "{method} {path}");
        for sample in samples {
            let answer = send(&app, (&method, &path), sample, Some(&token)).await;
            assert_eq!(answer.status, 429, "{method} {path}: {}", answer.body);
            let limit = if method == "GET" { "100 reading requests" } else { "100 writing requests" };
            assert!(answer.refused(429, "RATE_LIMITED").contains(limit), "{method} {path}");
            refused += 1;
        }
    }
    assert!(refused >= 40, "{refused} samples");
    assert!(app.calls.operations().is_empty(), "a refused request calls nothing");
    // Negative control: another user is refused for other reasons, if at all.
    for (method, path, samples) in routes(true) {
        let answer = send(&app, (&method, &path), &samples[0], Some(&other)).await;
        assert_ne!(answer.status, 429, "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn routes_that_read_no_token_have_no_budget() {
    let app = TestApp::start_with(&TWO_LEASES).await;
    for (method, path, samples) in routes(false) {
        for _ in 0..=ADMITTED {
            let answer = send(&app, (&method, &path), &samples[0], None).await;
            assert!(matches!(answer.status, 200 | 302), "{method} {path}: {}", answer.body);
        }
    }
}

//! The page of the sandbox's controls: its endpoints and kinds of failures are those of the code, and its examples work.

use crate::reading::markdown::Page;
use crate::support::{TestApp, assert_same};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PAGE: &str = "infra/README.md";
const HEADING: &str = "The sandbox's controls";

/// The code spans in the first column of the table below a heading, in which every row has one.
fn first_column(page: &Page, heading: &str) -> BTreeSet<String> {
    page.table(heading).iter().map(|row| row[0].code.concat()).collect()
}

/// The method, the path and the body of an example. The one that sends what another one answers has that as its body.
fn example(line: &str) -> (&str, &str, Option<&str>) {
    let (path, rest) = line.strip_prefix("curl -s \"$SANDBOX").unwrap().split_once('"').unwrap();
    match rest.strip_prefix(" -d ") {
        None => ("GET", path, None),
        Some(body) => ("POST", path, Some(body.trim_matches('\''))),
    }
}

#[tokio::test]
async fn every_control_of_the_sandbox_is_described_and_its_example_works() {
    let page = Page::read(PAGE);
    let coded: BTreeSet<String> = sandbox::control_endpoints().into_iter().collect();
    assert_same("the page's endpoints", &first_column(&page, HEADING), "control.rs", &coded);
    let app = TestApp::start().await;
    let send = async |method: &str, path: &str, body: Option<String>| {
        let url = format!("{}{path}", app.sandbox.url);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.request(method.parse().unwrap(), url).body(body.unwrap_or_default());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let mut tried = BTreeSet::new();
    for line in page.code(HEADING, "sh").lines() {
        let (method, path, body) = example(line);
        let body = match body {
            Some(body) if body.starts_with('"') => {
                let (_, source, _) = example(body.trim_start_matches("\"$(").trim_end_matches(")\""));
                Some(send("GET", source, None).await.1)
            }
            body => body.map(str::to_owned),
        };
        let (status, answer) = send(method, path, body).await;
        assert_eq!(status, 200, "{line}: {answer}");
        assert!(serde_json::from_str::<Value>(&answer).is_ok(), "{line}: {answer}");
        tried.insert(format!("{method} {path}"));
    }
    assert_same("the page's examples", &tried, "control.rs", &coded);
    // The refusal of an unknown kind names the known ones.
    let unknown = json!({ "provider": "slack", "times": 1, "kind": "explode" }).to_string();
    let (_, refusal) = send("POST", "/_control/faults", Some(unknown)).await;
    let kinds = refusal.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert_same("the page's kinds of failures", &first_column(&page, "Planned failures"), "faults.rs", &kinds);
}

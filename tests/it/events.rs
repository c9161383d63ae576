//! `events/`: every sample is a request that the route it is named after understands.

use crate::support::TestApp;
use serde_json::Value;
use std::fs;
use std::path::Path;

#[tokio::test]
async fn every_sample_event_is_understood() {
    let app = TestApp::start().await;
    // The samples are of New Year's Day 2030: `timeEpoch` of API Gateway's request context.
    app.advance(1_893_456_000 - app.clock.now().as_second());
    app.connect("user_123", "gmail").await;
    let mut tried = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let function = name.split('.').next().unwrap();
        if function == "process-due-tasks" {
            continue;
        }
        let mut event: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        if let Some(header) = event["headers"].get_mut("authorization") {
            *header = format!("Bearer {}", app.token("user_123")).into();
        }
        let answer = app.answer(function, &event.to_string()).await;
        // Ids in samples are made up and keys repeat, so "not found" and "conflict" answer a request that was understood.
        assert!(matches!(answer.status, 200 | 202 | 302 | 404 | 409), "{name}: {} {}", answer.status, answer.body);
        tried += 1;
    }
    assert!(tried >= 29, "only {tried} samples were tried");
}

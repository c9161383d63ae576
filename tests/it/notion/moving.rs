//! Pages that are moved.

use super::{app, page, refusal_of, run_action, run_with_lost_answers, texts};
use crate::support::builders::intent;
use sandbox::fixtures::notion::{DATA_SOURCE, DATABASE, PAGE, ROW};
use serde_json::json;

#[tokio::test]
async fn a_page_is_moved_to_a_page_and_into_a_database() {
    let app = app().await;
    let new = page(&app, PAGE, "Text").await;
    let moved = run_action(&app, "move_page", json!({ "pageId": ROW, "parent": new })).await;
    assert_eq!(
        (&moved["parent"], &moved["title"]),
        (&json!({ "type": "page", "id": new }), &json!("Write the launch plan"))
    );
    assert_eq!(texts(&app, &new).await, ["Text", "Write the launch plan"]);
    let moved = run_action(&app, "move_page", json!({ "pageId": ROW, "parent": DATABASE })).await;
    assert_eq!(moved["parent"], json!({ "type": "dataSource", "id": DATA_SOURCE }));
    assert_eq!(texts(&app, &new).await, ["Text"]);
    let again = json!({ "pageId": ROW, "parent": DATA_SOURCE });
    let again = app.submit("u1", intent("notion", "move_page").context(again)).await.succeeded();
    assert_eq!(again.message, "The page is there already.");
}

#[tokio::test]
async fn what_cannot_be_moved_is_said() {
    let app = app().await;
    let (outer, context) = (page(&app, PAGE, "Text").await, |id: &str, to: &str| json!({ "pageId": id, "parent": to }));
    let inner = page(&app, &outer, "Text").await;
    let message = refusal_of(&app, "move_page", context(&outer, &inner)).await;
    assert!(message.contains("under itself"), "{message}");
    app.submit("u1", intent("notion", "move_page").context(context(DATABASE, &outer)))
        .await
        .failed("PROVIDER_NOT_FOUND");
    let dry = intent("notion", "move_page").context(context(&inner, DATABASE)).dry_run();
    let dry = app.submit("u1", dry).await.succeeded();
    let targets =
        json!([{ "kind": "page", "id": inner }, { "kind": "database", "id": DATA_SOURCE, "name": "Roadmap" }]);
    assert_eq!(dry.data()["targets"], targets);
}

#[tokio::test]
async fn a_move_with_lost_answers_is_made_once() {
    let app = app().await;
    let (one, two) = (page(&app, PAGE, "One").await, page(&app, PAGE, "Two").await);
    let context = json!({ "pageId": two, "parent": one });
    run_with_lost_answers(&app, "move_page", &format!("/v1/pages/{two}/move"), "POST", context).await;
    assert_eq!(texts(&app, &one).await, ["One", "Plan"]);
}

//! Comments on pages, blocks and in threads, by ids and links.

use super::{app, blocks, page, run_action};
use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::fixtures::notion::{PAGE, ROW, THREAD};
use serde_json::{Value, json};

fn bare(id: &str) -> String {
    id.replace('-', "")
}

async fn comments(app: &TestApp, place: &str) -> Vec<Value> {
    app.advance(sandbox::strangeness::LIST_LAG_SECONDS);
    run_action(app, "list_comments", json!({ "pageId": place })).await["comments"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_comment_is_on_the_block_that_a_link_or_an_id_names() {
    let app = app().await;
    let page = page(&app, PAGE, "One\n\nTwo").await;
    let block = blocks(&app, &page).await[0]["id"].as_str().unwrap().to_owned();
    let link = format!("https://www.notion.so/Plan-{}?pvs=4#{}", bare(&page), bare(&block));
    for place in [&block, &link] {
        let added = run_action(&app, "add_comment", json!({ "pageId": place, "text": "Why?" })).await;
        assert_eq!(added["parent"], json!({ "type": "block", "id": block }), "{place}");
    }
    let added = run_action(&app, "add_comment", json!({ "pageId": page, "text": "Fine" })).await;
    assert_eq!(added["parent"], json!({ "type": "page", "id": page }));
    assert_eq!((comments(&app, &link).await.len(), comments(&app, &page).await.len()), (2, 1));
    let dry = json!({ "pageId": link, "text": "Why?" });
    let dry = app.submit("u1", intent("notion", "add_comment").context(dry).dry_run()).await.succeeded();
    assert_eq!(dry.data()["targets"], json!([{ "kind": "block", "id": block }]));
    assert_eq!(dry.data()["requests"][0]["body"]["parent"], json!({ "type": "block_id", "block_id": block }));
}

#[tokio::test]
async fn a_reply_is_in_the_thread_that_a_link_or_an_id_names() {
    let app = app().await;
    let link = format!("https://www.notion.so/Row-{}?d={}", bare(ROW), bare(THREAD));
    for context in
        [json!({ "pageId": ROW, "text": "Yes", "discussionId": THREAD }), json!({ "pageId": link, "text": "No" })]
    {
        assert_eq!(run_action(&app, "add_comment", context).await["discussionId"], THREAD);
    }
    assert!(comments(&app, ROW).await.iter().all(|comment| comment["discussionId"] == THREAD));
}

#[tokio::test]
async fn a_comment_on_a_block_with_a_lost_answer_is_made_once() {
    let app = app().await;
    let page = page(&app, PAGE, "One").await;
    let block = blocks(&app, &page).await[0]["id"].as_str().unwrap().to_owned();
    app.fault(sandbox::Fault::apply_then_drop("notion").at_path("/v1/comments").on_method("POST"));
    let context = json!({ "pageId": block, "text": "Once" });
    let id = app.submit("u1", intent("notion", "add_comment").context(context).at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    for _ in 0..4 {
        app.run_processor_after(300).await;
    }
    app.task(&id).await.assert_completed();
    assert_eq!(comments(&app, &block).await.len(), 1);
}

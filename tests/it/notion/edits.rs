//! Parts of a page's content that are replaced.

use super::{app, page, refusal_of, run_action, texts};
use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::fixtures::notion::PAGE;
use serde_json::{Value, json};

async fn content(app: &TestApp, page: &str) -> String {
    run_action(app, "get_page_content", json!({ "pageId": page })).await["content"].as_str().unwrap().to_owned()
}

fn edit(page: &str, old: &str, new: &str) -> Value {
    json!({ "pageId": page, "edits": [{ "old": old, "new": new }] })
}

#[tokio::test]
async fn parts_are_replaced_and_nothing_else() {
    let app = app().await;
    let page = page(&app, PAGE, "# Launch\n\nWe ship on Monday.\n\n- [ ] Buy milk\n- [ ] Buy bread").await;
    let edits = json!({ "pageId": page, "edits": [
        { "old": "Monday", "new": "Tuesday <page url=\"https://www.notion.so/1\">" },
        { "old": "Buy", "new": "Get", "all": true },
    ] });
    assert_eq!(run_action(&app, "update_page_content", edits).await["places"], 3);
    let words = ["Launch", "We ship on Tuesday &lt;page url=\"https://www.notion.so/1\">.", "Get milk", "Get bread"];
    assert_eq!(texts(&app, &page).await, words, "a tag is text");
    for (old, reason) in
        [("Friday", "is not on the page"), ("Get", "is at 2 places"), ("launch", "near to it is: # Launch")]
    {
        let message = refusal_of(&app, "update_page_content", edit(&page, old, "x")).await;
        assert!(message.contains(reason), "{message}");
    }
    run_action(&app, "update_page_content", json!({ "pageId": page, "edits": [{ "old": " milk" }] })).await;
    assert!(content(&app, &page).await.contains("Get\n"), "a part is removed");
    assert_eq!(texts(&app, &page).await.len(), 4);
}

#[tokio::test]
async fn a_page_on_the_page_is_removed_only_on_demand() {
    let app = app().await;
    let outer = page(&app, PAGE, "Before").await;
    let inner = page(&app, &outer, "Text").await;
    let read = run_action(&app, "get_page_content", json!({ "pageId": outer, "format": "notion" })).await;
    let tag = read["content"].as_str().unwrap().lines().find(|line| line.contains("<page")).unwrap().to_owned();
    let message = refusal_of(&app, "update_page_content", edit(&outer, &tag, "Nothing")).await;
    assert!(message.contains("allowDeletingContent"), "{message}");
    let read = run_action(&app, "get_page", json!({ "pageId": inner })).await;
    assert_eq!(read["inTrash"], false);
    let mut allowed = edit(&outer, &tag, "Nothing");
    allowed["allowDeletingContent"] = json!(true);
    run_action(&app, "update_page_content", allowed).await;
}

#[tokio::test]
async fn a_dry_run_shows_the_old_and_the_new_text() {
    let app = app().await;
    let page = page(&app, PAGE, "We ship on Monday.").await;
    let dry = intent("notion", "update_page_content").context(edit(&page, "Monday", "**Tuesday**")).dry_run();
    let dry = app.submit("u1", dry).await.succeeded();
    assert_eq!(dry.data()["targets"], json!([{ "kind": "page", "id": page, "name": "Plan" }]));
    let update = &dry.data()["requests"][0]["body"]["update_content"]["content_updates"];
    assert_eq!(*update, json!([{ "old_str": "Monday", "new_str": "**Tuesday**" }]));
    assert_eq!(texts(&app, &page).await, ["We ship on Monday."]);
}

#[tokio::test]
async fn a_lost_edit_is_made_once_though_the_new_text_has_the_old_one_in_it() {
    let app = app().await;
    let page = page(&app, PAGE, "We ship on Monday.").await;
    let path = format!("/v1/pages/{page}/markdown");
    app.fault(sandbox::Fault::apply_then_drop("notion").at_path(&path).on_method("PATCH"));
    let lost = intent("notion", "update_page_content").context(edit(&page, "Monday", "Monday or Tuesday"));
    let id = app.submit("u1", lost.at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    for _ in 0..4 {
        app.run_processor_after(300).await;
    }
    app.task(&id).await.assert_completed();
    assert_eq!(texts(&app, &page).await, ["We ship on Monday or Tuesday."]);
}

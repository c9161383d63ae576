//! Blocks that are listed, read, changed and deleted by their ids and links.

use super::{app, blocks, page, refusal_of, run_action, run_with_lost_answers, texts};
use crate::support::builders::intent;
use sandbox::fixtures::notion::{DATABASE, PAGE};
use serde_json::{Value, json};

/// The link to a block of a page.
fn link(page: &str, block: &Value) -> String {
    let bare = |id: &str| id.replace('-', "");
    format!("https://www.notion.so/team/Plan-{}?pvs=4#{}", bare(page), bare(block["id"].as_str().unwrap()))
}

#[tokio::test]
async fn a_block_is_changed_by_its_type_and_nothing_else() {
    let app = app().await;
    let page = page(&app, PAGE, "Hello\n\n- [ ] Buy milk\n\n```rust\nlet x = 1;\n```").await;
    let [paragraph, todo, code]: [Value; 3] = blocks(&app, &page).await.try_into().unwrap();
    assert_eq!(
        (&paragraph["text"], &todo["checked"], &code["language"]),
        (&json!("Hello"), &json!(false), &json!("rust"))
    );
    let changed = run_action(&app, "update_block", json!({ "blockId": todo["id"], "checked": true })).await;
    assert_eq!((&changed["text"], &changed["checked"]), (&json!("Buy milk"), &json!(true)));
    let change = json!({ "blockId": link(&page, &paragraph), "text": "Hello **Sam**, R&D <page>", "color": "red_bg" });
    run_action(&app, "update_block", change).await;
    let read = run_action(&app, "get_block", json!({ "blockId": paragraph["id"] })).await;
    assert_eq!((&read["text"], &read["color"]), (&json!("Hello **Sam**, R&D &lt;page>"), &json!("red_background")));
    let change = json!({ "blockId": code["id"], "text": "# no *mark*", "language": "py" });
    let changed = run_action(&app, "update_block", change).await;
    assert_eq!((&changed["text"], &changed["language"]), (&json!("# no *mark*"), &json!("python")));
    for (block, change, reason) in [
        (&paragraph, json!({ "checked": true }), "to_do have it"),
        (&todo, json!({ "text": "- [x] Buy milk" }), "without the mark"),
        (&code, json!({ "color": "red" }), "a block of the type code has none"),
    ] {
        let mut context = change;
        context["blockId"] = block["id"].clone();
        let message = refusal_of(&app, "update_block", context).await;
        assert!(message.contains(reason), "{message}");
    }
    assert_eq!(texts(&app, &page).await, ["Hello **Sam**, R&D &lt;page>", "Buy milk", "# no *mark*"]);
}

#[tokio::test]
async fn a_block_is_deleted_once_and_a_database_never() {
    let app = app().await;
    let page = page(&app, PAGE, "One\n\nTwo\n\nThree").await;
    let listed = blocks(&app, &page).await;
    let deleted = run_action(&app, "delete_block", json!({ "blockId": link(&page, &listed[1]) })).await;
    assert_eq!((&deleted["id"], &deleted["inTrash"]), (&listed[1]["id"], &json!(true)));
    assert_eq!(texts(&app, &page).await, ["One", "Three"]);
    run_action(&app, "delete_block", json!({ "blockId": listed[1]["id"] })).await;
    for own in [DATABASE, PAGE, page.as_str()] {
        let message = refusal_of(&app, "delete_block", json!({ "blockId": own })).await;
        assert!(message.contains("notion_archive_page"), "{message}");
    }
    let dry = json!({ "blockId": listed[0]["id"] });
    let dry = app.submit("u1", intent("notion", "delete_block").context(dry).dry_run()).await.succeeded();
    assert_eq!(dry.data()["targets"], json!([{ "kind": "block", "id": listed[0]["id"] }]));
    assert_eq!(texts(&app, &page).await, ["One", "Three"]);
}

#[tokio::test]
async fn changes_of_blocks_with_lost_answers_are_made_once() {
    let app = app().await;
    let page = page(&app, PAGE, "One\n\nTwo\n\nThree").await;
    let listed = blocks(&app, &page).await;
    let id = |at: usize| listed[at]["id"].as_str().unwrap();
    let context = json!({ "blockId": id(0), "text": "**Uno**" });
    run_with_lost_answers(&app, "update_block", &format!("/v1/blocks/{}", id(0)), "PATCH", context).await;
    let context = json!({ "blockId": id(1) });
    run_with_lost_answers(&app, "delete_block", &format!("/v1/blocks/{}", id(1)), "DELETE", context).await;
    assert_eq!(texts(&app, &page).await, ["**Uno**", "Three"]);
}

#[tokio::test]
async fn content_is_added_behind_a_block_and_at_the_start() {
    let app = app().await;
    let page = page(&app, PAGE, "One\n\nTwo").await;
    let listed = blocks(&app, &page).await;
    let after = json!({ "pageId": page, "content": "- a\n  - b\n\n**c**", "after": link(&page, &listed[0]) });
    run_action(&app, "append_content", after).await;
    assert_eq!(texts(&app, &page).await, ["One", "a", "**c**", "Two"]);
    let nested = run_action(&app, "list_blocks", json!({ "pageId": page, "nested": true })).await;
    let nested: Vec<(&Value, &Value)> =
        nested["blocks"].as_array().unwrap().iter().map(|block| (&block["text"], &block["depth"])).collect();
    assert_eq!(nested[2], (&json!("b"), &json!(1)));
    run_action(&app, "append_content", json!({ "pageId": page, "content": "Zero", "position": "start" })).await;
    assert_eq!(texts(&app, &page).await, ["Zero", "One", "a", "**c**", "Two"]);
    let other = json!({ "pageId": DATABASE, "content": "x", "after": listed[0]["id"] });
    let message = refusal_of(&app, "append_content", other).await;
    assert!(message.contains("no block of this page"), "{message}");
}

#[tokio::test]
async fn content_at_a_place_with_a_lost_answer_is_added_once() {
    for at_start in [false, true] {
        let app = app().await;
        let page = page(&app, PAGE, "One\n\nTwo").await;
        let listed = blocks(&app, &page).await;
        let (place, path) = match at_start {
            true => (("position", json!("start")), format!("/v1/pages/{page}/markdown")),
            false => (("after", listed[0]["id"].clone()), format!("/v1/blocks/{page}/children")),
        };
        let intent = intent("notion", "append_content").with("pageId", page.as_str()).with("content", "**New** one");
        app.fault(sandbox::Fault::apply_then_drop("notion").at_path(&path).on_method("PATCH"));
        let id = app.submit("u1", intent.with(place.0, place.1).at(app.after(10))).await.scheduled();
        app.run_processor_after(11).await;
        for _ in 0..4 {
            app.run_processor_after(300).await;
        }
        app.task(&id).await.assert_completed();
        let mut words = texts(&app, &page).await;
        words.retain(|word| word.contains("New"));
        assert_eq!(words.len(), 1, "{at_start}");
    }
}

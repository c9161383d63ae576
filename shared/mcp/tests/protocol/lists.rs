//! Lists, their pages and cache hints, and completion.

use super::support::{Post, Small};
use serde_json::{Value, json};

async fn page(catalogue: &Small, cursor: Option<&Value>) -> Value {
    let params = cursor.map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }));
    Post::modern("tools/list", params).send(catalogue).await.result()
}

fn names(page: &Value) -> Vec<&str> {
    page["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_item_is_on_one_page_in_the_order_of_the_catalogue() {
    let catalogue = Small::of_tools(&["e", "d", "c", "b", "a"]);
    let (mut all, mut cursor, mut pages) = (vec![], None, 0);
    loop {
        let page = page(&catalogue, cursor.as_ref()).await;
        all.extend(names(&page).into_iter().map(str::to_owned));
        assert_eq!((&page["ttlMs"], &page["cacheScope"]), (&json!(60_000), &json!("public")));
        pages += 1;
        match page.get("nextCursor") {
            Some(next) => cursor = Some(next.clone()),
            None => break,
        }
    }
    assert_eq!((all.join(""), pages), ("edcba".to_owned(), 3));
}

#[tokio::test]
async fn a_page_is_the_same_again_and_new_items_move_nothing() {
    let first = page(&Small::of_tools(&["a", "c", "e"]), None).await;
    let cursor = &first["nextCursor"];
    for tools in [&["a", "c", "e"][..], &["a", "b", "c", "e"], &["c", "e"]] {
        assert_eq!(names(&page(&Small::of_tools(tools), Some(cursor)).await), ["e"], "{tools:?}");
    }
    let request = Post::modern("tools/list", json!({ "cursor": cursor }));
    assert_eq!(request.send(&Small::of_tools(&["a", "b"])).await.refusal(), (200, -32602));
}

/// The tool and the prompt have the same name.
#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let cursor = page(&Small::of_tools(&["a", "write", "z"]), None).await["nextCursor"].clone();
    let other_list = Post::modern("prompts/list", json!({ "cursor": cursor }));
    assert_eq!(other_list.send(&Small::new()).await.refusal(), (200, -32602));
}

#[tokio::test]
async fn a_list_of_one_page_has_no_cursor() {
    for tools in [&[][..], &["a"], &["a", "b"]] {
        let page = page(&Small::of_tools(tools), None).await;
        assert_eq!((names(&page), page.get("nextCursor")), (tools.to_vec(), None));
    }
}

#[tokio::test]
async fn a_completion_has_a_hundred_values_at_most() {
    let params = json!({ "ref": { "type": "ref/prompt", "name": "write" }, "argument": { "name": "a", "value": "" } });
    let completion =
        Post::modern("completion/complete", params).send(&Small::new()).await.result()["completion"].clone();
    assert_eq!(completion["values"].as_array().unwrap().len(), 100);
    assert_eq!((&completion["total"], &completion["hasMore"]), (&json!(150), &json!(true)));
}

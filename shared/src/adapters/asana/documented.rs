//! Responses as Asana's reference shows them, and the same with surprises.

use serde_json::{Value, json};

use super::ADAPTER;
use crate::adapters::testing;

/// <https://developers.asana.com/reference/gettag>
fn tag(gid: &str) -> Value {
    json!({
        "gid": gid,
        "resource_type": "tag",
        "name": "Stuff to buy",
        "color": "light-green",
        "created_at": "2012-02-22T02:06:58.147Z",
        "workspace": { "gid": "1331", "resource_type": "workspace", "name": "My Company Workspace" },
        "permalink_url": "https://app.asana.com/0/resource/123456789/list",
    })
}

#[tokio::test]
async fn a_surprise_in_a_tag_costs_its_field() {
    let context = json!({ "name": "Stuff to buy", "workspaceId": "1331" });
    testing::assert_surprises_degrade(&ADAPTER, "create_tag", context, |_| (201, json!({ "data": tag("12345") })))
        .await;
    testing::assert_surprises_degrade(&ADAPTER, "list_tags", json!({ "workspaceId": "1331" }), |_| {
        (200, json!({ "data": [tag("12345"), tag("12346")], "next_page": { "offset": "eyJ0eXAiOiJKV1Qi" } }))
    })
    .await;
}

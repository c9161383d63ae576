//! A catalogue that implements nothing beyond tools.

use super::support::Post;
use mcp_protocol::{Call, Catalogue, Features, Result, Tool, ToolReply, ToolResult};
use serde_json::{Map, Value, json};

struct Bare;

impl Catalogue for Bare {
    fn features(&self) -> Features {
        Features { tools: true, ..Features::default() }
    }

    async fn tools(&self) -> Result<Vec<Tool>> {
        Ok(vec![])
    }

    async fn call(&self, _: &Call<'_>, _: &str, _: Map<String, Value>) -> Result<ToolReply> {
        Ok(ToolReply::Complete(ToolResult::text("done")))
    }
}

#[tokio::test]
async fn tools_alone_are_served() {
    let list = Post::modern("tools/list", json!({})).send(&Bare).await.result();
    assert_eq!((&list["tools"], &list["cacheScope"]), (&json!([]), &json!("private")));
    let call = Post::modern("tools/call", json!({ "name": "any" })).send(&Bare).await.result();
    assert_eq!(call["content"][0]["text"], "done");
    let discovered = Post::modern("server/discover", json!({})).send(&Bare).await.result();
    assert_eq!(discovered["capabilities"], json!({ "tools": {} }));
}

#[tokio::test]
async fn a_state_is_refused_where_none_is_given_out() {
    let call = Post::modern("tools/call", json!({ "name": "any", "requestState": "1" }));
    assert_eq!(call.send(&Bare).await.refusal(), (200, -32602));
}

//! `list_pins`: lists what is pinned to a channel.

use super::access::Use;
use super::channel::Channel;
use super::file::{FileObject, FileRef};
use super::message::{self, Message, MessageObject};
use super::person::PersonRef;
use super::time;
use crate::adapters::prelude::*;

/// List what is pinned to a Slack channel: messages as `slack_get_message` returns them, with their links, and files; all of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListPins {
    channel: Channel,
    /// True to add Slack's markup of the messages.
    #[serde(default)]
    raw: bool,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    items: Vec<Item>,
}

/// A pinned item as Slack returns it.
#[derive(Deserialize)]
struct Item {
    message: Option<MessageObject>,
    file: Option<FileObject>,
    created: Option<i64>,
    created_by: Option<String>,
}

/// A pinned item as output.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pin {
    /// The message.
    message: Option<Message>,
    /// The file, which `get_file` reads.
    file: Option<FileRef>,
    /// The time of pinning.
    pinned_at: Option<String>,
    /// The one who pinned it.
    pinned_by: Option<PersonRef>,
}

impl Action for ListPins {
    const META: Meta = Meta::read("list_pins", &[&["pins:read"]]).example(r#"{"channel": "project-updates"}"#);
    type Output = List<Pin>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Pin>>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        // https://docs.slack.dev/reference/methods/pins.list
        let call = api.get(&["api", "pins.list"]).query("channel", &channel.id);
        let Response { items } = call.send().await.map_err(|error| channel.map_error(api, error))?;
        let messages = items.iter().filter_map(|item| item.message.as_ref());
        message::learn_names(api, messages.map(MessageObject::content)).await;
        Ok(List::of(items.into_iter().map(|item| item.into_output(api, &channel.id, self.raw)), None))
    }
}

impl Listed for Pin {
    const NOUN: &'static str = "pin";
}

impl Item {
    fn into_output(self, api: &Api<'_>, channel: &str, raw: bool) -> Pin {
        Pin {
            message: self.message.map(|message| message.into_output(api, channel, raw)),
            file: self.file.map(FileObject::into_ref),
            pinned_at: self.created.and_then(time::of_seconds),
            pinned_by: self.created_by.map(|id| PersonRef::of(api, id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_messages_and_files_with_who_pinned_them() {
        let (output, calls) = testing::run(&ADAPTER, "list_pins", json!({ "channel": "C0123456789" }), |_| {
            let message = json!({ "ts": "1512085950.000216", "text": "A &amp; B", "user": "U1", "type": "message",
                "permalink": "https://works.slack.com/archives/C0123456789/p1512085950000216" });
            let items = json!([
                { "type": "message", "channel": "C0123456789", "created": 1_512_085_960, "created_by": "U2", "message": message },
                { "type": "file", "created": 1_512_085_960, "created_by": "U2", "file": { "id": "F1", "name": "a.txt" } },
            ]);
            (200, json!({ "ok": true, "items": items }))
        })
        .await;
        let pinned = |mut item: Value| {
            item["pinnedAt"] = json!("2017-11-30T23:52:40Z");
            item["pinnedBy"] = json!({ "id": "U2" });
            item
        };
        let message = json!({ "ts": "1512085950.000216", "createdAt": "2017-11-30T23:52:30.000216Z", "text": "A & B",
            "author": { "id": "U1" }, "link": "https://works.slack.com/archives/C0123456789/p1512085950000216",
            "reactions": [], "files": [] });
        let file = json!({ "id": "F1", "filename": "a.txt" });
        let expected = [pinned(json!({ "message": message })), pinned(json!({ "file": file }))];
        assert_eq!(output.unwrap().data, json!({ "pins": expected }));
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("channel")), ("GET /api/pins.list", "C0123456789"));
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        for (code, kind) in [
            ("channel_not_found", Kind::NotFound),
            ("missing_scope", Kind::MissingScope),
            ("restricted_action", Kind::Forbidden),
        ] {
            let response = move |_: &testing::SentRequest| (200, json!({ "ok": false, "error": code }));
            let (output, _) = testing::run(&ADAPTER, "list_pins", json!({ "channel": "C0123456789" }), response).await;
            assert_eq!(testing::error_kind(&output), kind, "{code}");
        }
    }
}

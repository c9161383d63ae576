//! Rows and a page that are too long for one response.

use serde_json::{Map, Value, json};

use super::model::{Block, DataSource, Database, Page};
use super::seed::page;
use super::{State, properties, text};
use crate::clock::rfc3339;
use crate::fixtures::notion;

/// The maximum text of one property or block: 100 pieces of 2,000 characters
/// (<https://developers.notion.com/reference/request-limits>).
const MAX_TEXT_CHARS: usize = 100_000;
const ROWS: u64 = 40;
/// Number of text properties of a row.
const PARTS: u64 = 40;
/// Number of blocks of the page.
const BLOCKS: u64 = 60;

/// Adds a database of 40 rows with one long text, of which the oldest has a long text in every property, and a page with as many
/// long paragraphs.
pub(crate) fn add(state: &mut State, now: i64) {
    let Some(workspace) = state.workspaces.first_mut() else { return };
    let at = rfc3339(now - 86_400_000);
    let parent = json!({"type": "page_id", "page_id": notion::PAGE});
    let part = |number: u64| {
        let name = format!("Part {number}");
        (name.clone(), json!({"id": format!("part-{number}"), "name": name, "type": "rich_text", "rich_text": {}}))
    };
    let title = ("Name".to_owned(), json!({"id": "title", "name": "Name", "type": "title", "title": {}}));
    let mut schema: Map<String, Value> = std::iter::once(title).chain((1..=PARTS).map(part)).collect();
    let pieces = text::from_plain(&"All of the words. ".repeat(MAX_TEXT_CHARS / 18));
    let mut row = |number: u64, parts: u64| {
        let mut sent = json!({"Name": {"title": text::from_plain(&format!("Minutes {number}"))}});
        for part in 1..=parts {
            sent[format!("Part {part}")] = json!({"rich_text": pieces});
        }
        let row_parent = json!({"type": "data_source_id", "data_source_id": notion::LONG_DATA_SOURCE,
            "database_id": notion::LONG_DATABASE});
        let properties = properties::row_properties(&mut schema, &sent).unwrap_or_default();
        page(&format!("7c1f0a52-7a3e-4c54-9a55-0d1f6b3c2{number:03x}"), row_parent, properties, &at)
    };
    let mut rows: Vec<Page> = (1..=ROWS).map(|number| row(number, if number == 1 { PARTS } else { 1 })).collect();
    workspace.databases.push(Database {
        id: notion::LONG_DATABASE.to_owned(),
        title: "Minutes".to_owned(),
        description: json!([]),
        icon: Value::Null,
        parent: parent.clone(),
        is_inline: true,
        in_trash: false,
        created: at.clone(),
    });
    workspace.data_sources.push(DataSource {
        id: notion::LONG_DATA_SOURCE.to_owned(),
        database: notion::LONG_DATABASE.to_owned(),
        database_parent: parent,
        title: "Minutes".to_owned(),
        properties: schema,
        created_by: notion::BOT.to_owned(),
        created: at.clone(),
    });
    let title = properties::page_properties(&json!({"title": text::from_plain("Transcript")})).unwrap_or_default();
    let mut transcript = page(notion::LONG_PAGE, json!({"type": "workspace", "workspace": true}), title, &at);
    for number in 1..=BLOCKS {
        let block = Block {
            id: format!("7c1f0a52-7a3e-4c54-9a55-0d1f6b3c3{number:03x}"),
            parent: json!({"type": "page_id", "page_id": notion::LONG_PAGE}),
            block_type: "paragraph".to_owned(),
            content: json!({"rich_text": pieces, "color": "default"}),
            in_trash: false,
            created_by: notion::BOT.to_owned(),
            created: at.clone(),
            children: Vec::new(),
        };
        transcript.children.push(block.id.clone());
        workspace.blocks.push(block);
    }
    rows.push(transcript);
    workspace.pages.extend(rows);
}

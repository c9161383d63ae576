//! Seed data of the workspaces.

use serde_json::{Map, Value, json};

use super::file_uploads::FileUpload;
use super::model::{Author, Block, Comment, DataSource, Database, Page};
use super::{Workspace, oauth, properties, text};
use crate::clock::rfc3339;
use crate::fixtures::{self, notion};

/// The upload of the file of [`notion::FILE`].
const PLAN: &str = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0071";

/// Returns the Notion user id of an e-mail address.
pub(crate) fn person_id(email: &str) -> &'static str {
    match email {
        fixtures::SAM => notion::SAM,
        fixtures::KIM => notion::KIM,
        _ => notion::ALEX,
    }
}

pub(crate) fn person_name(email: &str) -> &'static str {
    match email {
        fixtures::SAM => "Sam Okafor",
        fixtures::KIM => "Kim Larsen",
        _ => "Alex Rivera",
    }
}

/// Builds the workspaces, the default first; `now` is in unix milliseconds.
pub(crate) fn workspaces(now: i64) -> Vec<Workspace> {
    vec![works(now), partners(now)]
}

/// Builds the second workspace: one page.
fn partners(now: i64) -> Workspace {
    let title = properties::page_properties(&json!({"title": text::from_plain("Partner notes")})).unwrap_or_default();
    let parent = json!({"type": "workspace", "workspace": true});
    Workspace {
        id: oauth::PARTNERS.id,
        name: oauth::PARTNERS.name,
        members: oauth::PARTNERS.members,
        pages: vec![page(notion::PAGE_2, parent, title, &rfc3339(now - 2 * 86_400_000))],
        blocks: Vec::new(),
        databases: Vec::new(),
        data_sources: Vec::new(),
        comments: Vec::new(),
        uploads: Vec::new(),
    }
}

/// Builds the first workspace: a page with a database, three rows with a comment, and one row in the trash.
fn works(now: i64) -> Workspace {
    let at = rfc3339(now - 3 * 86_400_000);
    let mut schema = schema();
    let mut row = |id, name, status, priority| row(id, name, status, priority, &mut schema, &at);
    let mut rows = [
        row(notion::ROW, "Write the launch plan", "In progress", "High"),
        row("7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0032", "Order stickers", "Not started", "Low"),
        row("7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0033", "Pick a launch date", "Done", "Medium"),
        Page { in_trash: true, ..row(notion::TRASHED_ROW, "Book the venue", "Not started", "Low") },
    ];
    rows[0].children = vec![notion::FILE.to_owned(), notion::EXTERNAL_IMAGE.to_owned()];
    let title = properties::page_properties(&json!({"title": text::from_plain("Team home")})).unwrap_or_default();
    let mut home = page(notion::PAGE, json!({"type": "workspace", "workspace": true}), title, &at);
    let on_home = json!({"type": "page_id", "page_id": notion::PAGE});
    let welcome = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0041";
    home.children = vec![welcome.to_owned(), notion::DATABASE.to_owned()];
    let block = |id: &str, kind: &str, content: Value| block(id, &on_home, kind, content, &at);
    let words = text::from_plain("Welcome. Plans live in the roadmap below.");
    Workspace {
        id: oauth::WORKS.id,
        name: oauth::WORKS.name,
        members: oauth::WORKS.members,
        pages: std::iter::once(home).chain(rows).collect(),
        blocks: [
            block(welcome, "paragraph", json!({"rich_text": words, "color": "default"})),
            block(notion::DATABASE, "child_database", json!({"title": "Roadmap"})),
        ]
        .into_iter()
        .chain(files(&at))
        .collect(),
        databases: vec![Database {
            id: notion::DATABASE.to_owned(),
            title: "Roadmap".to_owned(),
            description: json!([]),
            icon: Value::Null,
            parent: on_home.clone(),
            is_inline: true,
            in_trash: false,
            created: at.clone(),
        }],
        data_sources: vec![DataSource {
            id: notion::DATA_SOURCE.to_owned(),
            database: notion::DATABASE.to_owned(),
            database_parent: on_home,
            title: "Roadmap".to_owned(),
            properties: schema,
            created_by: notion::BOT.to_owned(),
            created: at.clone(),
        }],
        comments: vec![comment(at)],
        uploads: vec![FileUpload::attached(PLAN, "launch-plan.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n")],
    }
}

/// Builds the blocks of [`notion::ROW`]: a file, and a picture elsewhere on the web.
fn files(at: &str) -> [Block; 2] {
    let picture = json!({"type": "external", "external": {"url": "https://www.example.com/venue.png"}, "caption": []});
    let plan = json!({"type": "file_upload", "file_upload": {"id": PLAN}, "caption": text::from_plain("The plan")});
    let on_row = json!({"type": "page_id", "page_id": notion::ROW});
    let block = |id: &str, kind: &str, content: Value| block(id, &on_row, kind, content, at);
    [block(notion::FILE, "pdf", plan), block(notion::EXTERNAL_IMAGE, "image", picture)]
}

/// Builds a block without others under it, made by the bot.
fn block(id: &str, parent: &Value, kind: &str, content: Value, at: &str) -> Block {
    Block {
        id: id.to_owned(),
        parent: parent.clone(),
        block_type: kind.to_owned(),
        content,
        in_trash: false,
        created_by: notion::BOT.to_owned(),
        created: at.to_owned(),
        children: Vec::new(),
    }
}

fn row(id: &str, name: &str, status: &str, priority: &str, schema: &mut Map<String, Value>, at: &str) -> Page {
    let sent = json!({
        "Name": {"title": [{"text": {"content": name}}]},
        "Status": {"status": {"name": status}},
        "Priority": {"select": {"name": priority}},
    });
    let parent =
        json!({"type": "data_source_id", "data_source_id": notion::DATA_SOURCE, "database_id": notion::DATABASE});
    page(id, parent, properties::row_properties(schema, &sent).unwrap_or_default(), at)
}

fn comment(at: String) -> Comment {
    Comment {
        id: "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0052".to_owned(),
        thread: notion::THREAD.to_owned(),
        parent: json!({"type": "page_id", "page_id": notion::ROW}),
        author: Author {
            id: person_id(fixtures::SAM).to_owned(),
            name: person_name(fixtures::SAM).to_owned(),
            is_bot: false,
        },
        rich_text: text::from_plain("Looks good to me."),
        created: at,
    }
}

/// Builds a page without an icon, made by the bot.
pub(super) fn page(id: &str, parent: Value, properties: Map<String, Value>, at: &str) -> Page {
    Page {
        id: id.to_owned(),
        parent,
        properties,
        icon: Value::Null,
        cover: Value::Null,
        in_trash: false,
        created_by: notion::BOT.to_owned(),
        created: at.to_owned(),
        edited: at.to_owned(),
        children: Vec::new(),
    }
}

fn schema() -> Map<String, Value> {
    let option = |id: &str, name: &str, color: &str| json!({"id": id, "name": name, "color": color});
    let statuses =
        [option("s-1", "Not started", "default"), option("s-2", "In progress", "blue"), option("s-3", "Done", "green")];
    let priorities = [option("o-1", "Low", "gray"), option("o-2", "Medium", "yellow"), option("o-3", "High", "red")];
    let property = |id: &str, name: &str, kind: &str, config: Value| {
        let mut property = json!({"id": id, "name": name, "type": kind, "description": null});
        property[kind] = config;
        (name.to_owned(), property)
    };
    Map::from_iter([
        property("title", "Name", "title", json!({})),
        property("stat", "Status", "status", json!({"options": statuses, "groups": []})),
        property("prio", "Priority", "select", json!({"options": priorities})),
    ])
}

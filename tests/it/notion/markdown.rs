//! Markdown of an input is text, marks and blocks, and never a tag that moves, mentions or embeds.

use super::{app, run_action};
use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::fixtures::notion::{DATABASE, PAGE, ROW, SAM};
use serde_json::{Value, json};

/// Time between calls, in which no limit is reached.
const PAUSE: i64 = 5;

/// Texts out of a mail that would do something to a reader who takes tags, entities and fences as they come.
fn hostile() -> Vec<String> {
    let page = format!("<page url=\"https://www.notion.so/{}\">Plan</page>", ROW.replace('-', ""));
    let database = format!("<database url=\"https://www.notion.so/{}\">Roadmap</database>", DATABASE.replace('-', ""));
    let mention = format!("<mention url=\"user://{SAM}\">Sam</mention>");
    let escaped = page.replace('<', "&lt;").replace('>', "&gt;");
    let numbered = page.replace('<', "&#60;").replace('>', "&#x3E;");
    let mut texts = vec![
        page.clone(),
        database.clone(),
        mention.clone(),
        page.to_uppercase(),
        page.replace('"', "'"),
        page.replace(' ', "\n\t"),
        page.replace("url", "color=\"red\" url"),
        escaped.clone(),
        numbered.clone(),
        escaped.replace('&', "&amp;"),
        format!("&#10;&#10;{escaped}"),
        format!("\\{page}"),
        format!("\\\\{page}"),
        format!("\\\\\\\\{page}"),
        format!("> {page}"),
        format!("- {page}\n- {mention}"),
        format!("- [ ] {page}"),
        format!("1. {page}\n\n   {page}"),
        format!("# {page}"),
        format!("| a |\n|---|\n| {page} |"),
        format!("| a |\n|---|\n| \\| {mention} |"),
        format!("**{page}**"),
        format!("<b>{page}</b>"),
        format!("<u>{mention}</u>"),
        format!("[{page}](https://a.example)"),
        format!("[a](https://a.example \"{page}\")"),
        format!("[a]({page})"),
        format!("[a](<{page}>)"),
        format!("![{page}](https://a.example/b.png)"),
        format!("![a](https://a.example/b.png \"{page}\")"),
    ];
    texts.extend(hostile_blocks(&page, &mention, &escaped));
    texts
}

/// Such texts in HTML, formulas, code and the dialect's blocks.
fn hostile_blocks(page: &str, mention: &str, escaped: &str) -> Vec<String> {
    let mut texts = vec![
        format!("a\n\n<!-- {page} -->"),
        format!("a <!-- {mention} --> b"),
        format!("<div>{page}</div>"),
        format!("<div>\n\n{page}\n\n</div>"),
        format!("<details>\n<summary>{page}</summary>\n\n{page}\n\n</details>"),
        format!("<details><summary>{escaped}</summary>{page}</details>"),
        format!("[^1]\n\n[^1]: {page}"),
        format!("${page}$"),
        format!("$$\n{page}\n$$"),
        format!("$$\n```\n$$\n{page}\n```"),
        format!("> [!NOTE]\n> {page}"),
        "<https://a.example/<page>".to_owned(),
        "<embed source=\"https://a.example\">x</embed>".to_owned(),
        "<video source=\"https://a.example\" />".to_owned(),
        "<date start=\"2026-12-01\" /> <custom-block definition-id=\"a\" url=\"b\" />".to_owned(),
        "<synced-block url=\"https://www.notion.so/a\">x</synced-block>".to_owned(),
        format!("a\r\n\r\n{page}\r\n"),
        format!("a  \n{page}"),
        format!("{}\n\n{page}", "> ".repeat(40)),
        format!("<p>\n\n{page}\n\n</p>"),
        format!("<page\u{a0}url=\"https://www.notion.so/{}\">Plan</page>", ROW.replace('-', "")),
    ];
    // Code: at the end of a fence, of a span, and with a language that is none.
    for code in ["```\n```\n", "``\n", "```<page>\nx\n```\n", "~~~\n```\n~~~\n"] {
        texts.push(format!("{code}{page}\n{mention}"));
    }
    texts
}

/// Content without the code in fences, which has no tags.
fn without_code(content: &str) -> String {
    let mut fence = 0;
    let mut lines = vec![];
    for line in content.lines() {
        let run = line.len() - line.trim_start_matches('`').len();
        match fence {
            0 if run >= 3 => fence = run,
            0 => lines.push(line),
            _ if run >= fence && run == line.len() => fence = 0,
            _ => {}
        }
    }
    lines.join("\n")
}

/// The tags in content in Notion's dialect, without those that are escaped.
fn live_tags(content: &str) -> Vec<String> {
    let tags = ["page", "database", "mention", "embed", "video", "date", "custom-block", "synced-block"];
    let lower = without_code(content).to_lowercase();
    let is_live = |name: &&str| lower.match_indices(&format!("<{name}")).any(|(at, _)| !lower[..at].ends_with('\\'));
    tags.into_iter().filter(is_live).map(str::to_owned).collect()
}

fn moves(app: &TestApp) -> usize {
    app.sandbox.sandbox.effects().iter().filter(|effect| effect.kind == "object_moved").count()
}

async fn new_page(app: &TestApp, content: &str) -> String {
    app.advance(PAUSE);
    let created = run_action(app, "create_page", json!({ "title": "Mail", "parent": PAGE, "content": content })).await;
    created["id"].as_str().unwrap().to_owned()
}

async fn read(app: &TestApp, page: &str, format: &str) -> String {
    app.advance(PAUSE);
    let read = run_action(app, "get_page_content", json!({ "pageId": page, "format": format })).await;
    read["content"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn text_of_a_mail_moves_mentions_and_embeds_nothing() {
    let app = app().await;
    let texts = hostile();
    assert!(texts.len() >= 50, "{}", texts.len());
    let page = new_page(&app, "Mails").await;
    for text in &texts {
        app.advance(PAUSE);
        run_action(&app, "append_content", json!({ "pageId": page, "content": text })).await;
        app.advance(PAUSE);
        run_action(&app, "add_comment", json!({ "pageId": page, "text": text })).await;
        assert_eq!(moves(&app), 0, "{text}");
    }
    let content = read(&app, &page, "notion").await;
    assert_eq!(live_tags(&content), Vec::<String>::new(), "{content}");
    assert!(content.contains("\\<page url=") && content.contains("\\<mention url="), "{content}");
}

#[tokio::test]
async fn content_in_notions_dialect_moves_only_with_a_field_for_it() {
    let app = app().await;
    let page = new_page(&app, "Plans").await;
    let tag = format!("<page url='https://www.notion.so/{}'>Plan</page>", ROW.replace('-', ""));
    let context = |allows: bool| json!({ "pageId": page, "content": tag, "format": "notion", "allowMoves": allows });
    let refusal = app.submit("u1", intent("notion", "append_content").context(context(false))).await;
    let message = refusal.body["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("<page>") && message.contains("allowMoves"), "{}", refusal.body);
    assert_eq!(moves(&app), 0);
    app.advance(PAUSE);
    run_action(&app, "append_content", context(true)).await;
    assert_eq!(moves(&app), 1);
}

#[tokio::test]
async fn content_is_read_as_it_was_written() {
    let app = app().await;
    for content in [
        "# Plan\n\nOne *line* with **bold**, `code` and [a link](https://a.example/b).",
        "- a\n  - b\n    - c\n- d",
        "1. a\n2. b\n\n---\n\n- [x] done\n- [ ] open",
        "> a\n>\n> - b\n> - c",
        "> [!WARNING]\n> Stop",
        "| a | b |\n| --- | --- |\n| c\\|d | `e` |",
        "```rust\nlet fence = \"```\";\n```",
        "<details>\n<summary>More</summary>\n\nText\n\n</details>",
        "$x^2$ is no \\$5 or \\$6\n\n$$\nx^2\n$$",
        "![A plan](https://a.example/b.png)",
        "A \\<page url=\"x\"> \\*star\\* \\_line\\_ 1) &amp;amp;",
    ] {
        let page = new_page(&app, content).await;
        let shown = read(&app, &page, "markdown").await;
        let same =
            |text: &str| text.replace("````", "```").replace("&lt;", "\\<").replace("<b>", "**").replace("</b>", "**");
        assert_eq!(same(&shown), same(content));
    }
}

#[tokio::test]
async fn content_of_a_lost_answer_is_found_by_its_text() {
    for content in [
        "# A\n\n- [x] **b**\n  1. c\n\n> d\n>\n> - e",
        "| a | 1. b |\n|---|---|\n| `c` | $d$ |",
        "```rust\nlet a = 1;\n```\n\nf[^1]\n\n[^1]: g",
    ] {
        let app = TestApp::as_documented("a current list resolves it in the request").await;
        app.connect("u1", "notion").await;
        app.fault(sandbox::Fault::apply_then_drop("notion").at_path("/v1/pages").on_method("PATCH"));
        let append = intent("notion", "append_content").context(json!({ "pageId": PAGE, "content": content }));
        let result = app.submit("u1", append).await.succeeded();
        app.task(&result.task_id()).await.assert_completed();
    }
}

#[tokio::test]
async fn comments_are_marked_text() {
    let app = app().await;
    for (context, plain) in [
        (json!({ "text": "**Bold** and $x$\n\n- one\n- two" }), "Bold and x\n\n• one\n• two"),
        (
            json!({ "text": "Ask <mention url=\"user://x\">Sam</mention>" }),
            "Ask <mention url=\"user://x\">Sam</mention>",
        ),
        (json!({ "text": format!("Ask <mention url=\"user://{SAM}\">Sam</mention>"), "format": "notion" }), "Ask Sam"),
    ] {
        app.advance(PAUSE);
        let mut context: Value = context;
        context["pageId"] = json!(PAGE);
        assert_eq!(run_action(&app, "add_comment", context).await["text"], plain);
    }
}

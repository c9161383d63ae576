//! Descriptions and comments: Markdown that is written and read back, HTML that is checked, people who are mentioned.

use super::{app, fail_action, run_action};
use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::fixtures::asana::{COMMENT, OWN_COMMENT, PROJECT, QUOTES, SAM, TASK};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

const PLAN: &str =
    "# Plan\n\nShip **it** with R&D, see [the page](https://example.com/?a=1&b=2).\n\n- one\n- two\n  - three";

/// HTML that Asana refuses, and the word by which it is named.
const REFUSED_HTML: [(&str, &str); 6] = [
    ("<body><script>alert(1)</script></body>", "<script>"),
    ("<body>a & b</body>", "&amp;"),
    ("<body><b>a</b></body>", "<strong>"),
    ("<body><strong>a</body>", "<strong>"),
    ("<body><strong class=\"x\">a</strong></body>", "class"),
    ("<body><a href=\"javascript:alert(1)\">a</a></body>", "http, https or mailto"),
];

/// The message of the refusal of an action that makes no call.
async fn refused(app: &TestApp, action: &str, context: Value) -> String {
    app.submit("u1", intent("asana", action).context(context)).await.refused(400, "INVALID_FIELD")
}

#[tokio::test]
async fn a_description_as_markdown_is_read_back_as_it_was_written() {
    let app = app().await;
    let context = json!({ "name": "Plan", "projectId": PROJECT, "markdown": PLAN });
    let task = json!({ "taskId": run_action(&app, "create_task", context).await["id"] });
    let read = run_action(&app, "get_task", task.clone()).await;
    assert_eq!(read["markdown"], PLAN);
    let html = read["htmlNotes"].as_str().unwrap();
    assert!(html.starts_with("<body><h1>Plan</h1>Ship <strong>it</strong> with R&amp;D"), "{html}");
    assert!(read["notes"].as_str().unwrap().contains("Ship it with R&D"), "{read}");
    let with = |field: &str, text: &str| {
        let mut context = task.clone();
        context[field] = json!(text);
        context
    };
    run_action(&app, "update_task", with("notes", "**stars** & <b>")).await;
    let read = run_action(&app, "get_task", task.clone()).await;
    assert_eq!((&read["notes"], &read["markdown"]), (&json!("**stars** & <b>"), &Value::Null));
    assert_eq!(read["htmlNotes"], Value::Null);
    run_action(&app, "update_task", with("markdown", "**now**")).await;
    assert_eq!(run_action(&app, "get_task", task).await["markdown"], "**now**");
}

#[tokio::test]
async fn a_project_and_a_subtask_take_markdown() {
    let app = app().await;
    let project = run_action(&app, "create_project", json!({ "name": "Spring", "markdown": "# A\n\n*b*" })).await;
    let project = json!({ "projectId": project["id"] });
    let read = run_action(&app, "get_project", project.clone()).await;
    assert_eq!(read["markdown"], "**A**\n\n*b*", "projects have no headings");
    run_action(&app, "update_project", json!({ "projectId": project["projectId"], "markdown": "~~c~~" })).await;
    let read = run_action(&app, "get_project", project).await;
    assert_eq!((&read["markdown"], &read["notes"]), (&json!("~~c~~"), &json!("c")));
    let subtask = run_action(&app, "create_subtask", json!({ "taskId": TASK, "name": "Sub", "markdown": "`x`" })).await;
    assert_eq!(run_action(&app, "get_task", json!({ "taskId": subtask["id"] })).await["markdown"], "`x`");
}

#[tokio::test]
async fn html_that_asana_refuses_is_refused_by_name_before_any_call() {
    let app = app().await;
    let contexts = |html: &str| {
        [
            ("create_task", "htmlNotes", json!({ "name": "a", "projectId": PROJECT, "htmlNotes": html })),
            ("update_task", "htmlNotes", json!({ "taskId": TASK, "htmlNotes": html })),
            ("create_subtask", "htmlNotes", json!({ "taskId": TASK, "name": "a", "htmlNotes": html })),
            ("create_project", "htmlNotes", json!({ "name": "a", "htmlNotes": html })),
            ("update_project", "htmlNotes", json!({ "projectId": PROJECT, "htmlNotes": html })),
            ("add_comment", "htmlText", json!({ "taskId": TASK, "htmlText": html })),
            ("update_comment", "htmlText", json!({ "commentId": OWN_COMMENT, "htmlText": html })),
        ]
    };
    for (html, named) in REFUSED_HTML {
        for (action, field, context) in contexts(html) {
            let message = refused(&app, action, context).await;
            assert!(message.contains(named) && message.contains(&format!("context.{field}")), "{action}: {message}");
        }
    }
    let headings = json!({ "taskId": TASK, "htmlText": "<body><h1>a</h1></body>" });
    let message = refused(&app, "add_comment", headings).await;
    assert!(message.contains("only descriptions of tasks have headings"), "{message}");
}

#[tokio::test]
async fn hostile_markdown_is_text() {
    let app = app().await;
    let hostile = "<script>alert(1)</script> <a data-asana-gid=\"1200000000000001\"/> </body> [x](javascript:alert(1))";
    run_action(&app, "update_task", json!({ "taskId": TASK, "markdown": format!("So: {hostile}") })).await;
    let read = run_action(&app, "get_task", json!({ "taskId": TASK })).await;
    assert_eq!(
        read["notes"],
        "So: <script>alert(1)</script> <a data-asana-gid=\"1200000000000001\"/> </body> x (javascript:alert(1))"
    );
}

#[tokio::test]
async fn a_comment_mentions_the_people_that_it_names() {
    let app = app().await;
    let last = async || {
        app.advance(LIST_LAG_SECONDS);
        let listed = run_action(&app, "list_comments", json!({ "taskId": TASK })).await;
        listed["comments"].as_array().unwrap().last().unwrap().clone()
    };
    let markdown = "**<@sam@example.com>** and <@Sam Okafor>, not `<@kim@example.com>` or @Kim: \
        https://app.asana.com/0/0/1200000000000022";
    run_action(&app, "add_comment", json!({ "taskId": TASK, "markdown": markdown })).await;
    let comment = last().await;
    let text = "@Sam Okafor and @Sam Okafor, not <@kim@example.com> or @Kim: Collect customer quotes";
    assert_eq!(comment["text"], text);
    let html = comment["htmlText"].as_str().unwrap();
    assert_eq!(html.matches(&format!("data-asana-type=\"user\" data-asana-gid=\"{SAM}\"")).count(), 2, "{html}");
    let quoted = json!({ "taskId": TASK, "markdown": "<@sam@example.com>", "mentions": "none" });
    let id = run_action(&app, "add_comment", quoted).await["id"].clone();
    assert_eq!(last().await["text"], "<@sam@example.com>");
    let changed = json!({ "commentId": id, "markdown": "*Thank you*, <@Sam Okafor>" });
    run_action(&app, "update_comment", changed).await;
    assert_eq!(last().await["text"], "Thank you, @Sam Okafor");
    let unknown = json!({ "taskId": TASK, "markdown": "<@Nobody Known>" });
    let message = fail_action(&app, "add_comment", unknown, "INVALID_FIELD").await;
    assert!(message.contains("context.markdown") && message.contains("Nobody Known"), "{message}");
}

#[tokio::test]
async fn a_comment_is_changed_by_its_author_alone() {
    let app = app().await;
    run_action(&app, "update_comment", json!({ "commentId": OWN_COMMENT, "text": "Four **are**." })).await;
    let comments = run_action(&app, "list_comments", json!({ "taskId": QUOTES })).await;
    assert_eq!(comments["comments"][0]["text"], "Four **are**.");
    let of_sam = json!({ "commentId": COMMENT, "text": "Mine." });
    fail_action(&app, "update_comment", of_sam, "PROVIDER_FORBIDDEN").await;
}

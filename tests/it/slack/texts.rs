//! The texts of messages: those of apps, links, mentions and reactions.

use super::{fail_action, run_action};
use crate::accounts::user_token::clients;
use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::Strangeness;
use sandbox::fixtures::slack::{ALERT, ALERTS, ALEX, GENERAL, KIM, SAM};
use sandbox::strangeness::{LIST_LAG_SECONDS, SlackLimits};
use serde_json::{Value, json};

/// Slack as strange as it is, without limits, and with the person's own token for the search.
async fn strange_app() -> TestApp {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &clients(&["search:read"]))]).await;
    let mut strangeness = Strangeness::content();
    strangeness.slack.limits = SlackLimits::None;
    app.sandbox.sandbox.set_strangeness(strangeness);
    app.connect("u1", "slack").await;
    app
}

fn texts(read: &Value) -> Vec<&str> {
    read["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap_or_default()).collect()
}

const INCIDENT: &str = "Disk full & read-only\nIncident 7 (https://status.example.com/7): ask @sam or @here\n*Host*\ndb-1\n*Used*\n99 %\n\
                        Acknowledge\nWatched by *Watcher*";
const RESOLVED: &str = "Resolved\nSpace was freed on db-1.\nDuration: 12 minutes";
const BUILD: &str =
    "A build has ended\nBuild 42 failed (https://ci.example.com/42)\n2 of 310 tests < green\nFlaky: `clock_goes_back`";
const SNIPPET: &str = "File: Stack of db-1\npanicked at 'no space left'\n  at write_page\n…";

#[tokio::test]
async fn messages_of_apps_without_a_text_are_read_and_found() {
    let app = strange_app().await;
    let read = run_action(&app, "u1", "fetch_messages", json!({ "channel": "alerts" })).await;
    assert_eq!(texts(&read), ["File: Outage report", SNIPPET, BUILD, INCIDENT]);
    assert_eq!(read["messages"][3]["author"]["name"], "Watcher");
    let mentions = &read["messages"][3]["mentions"];
    assert_eq!(mentions[0], json!({ "type": "person", "id": SAM, "name": "sam" }));
    let thread = json!({ "channel": ALERTS, "threadTs": ALERT });
    let thread = run_action(&app, "u1", "fetch_thread", thread).await;
    assert_eq!(texts(&thread), [INCIDENT, RESOLVED]);
    let one = run_action(&app, "u1", "get_message", json!({ "channel": ALERTS, "ts": ALERT, "raw": true })).await;
    assert_eq!((one["text"].as_str(), one["raw"]["blocks"][0]["type"].as_str()), (Some(INCIDENT), Some("header")));
    for (query, text) in [
        ("disk db-1 acknowledge", INCIDENT),
        ("clock_goes_back", BUILD),
        ("write_page", SNIPPET),
        ("outage", "File: Outage report"),
    ] {
        let query = json!({ "channel": "alerts", "query": query, "raw": true });
        let found = run_action(&app, "u1", "search_messages", query.clone()).await;
        assert_eq!(texts(&found), [text]);
        let everywhere = json!({ "query": query["query"], "raw": true });
        let found = run_action(&app, "u1", "search_workspace", everywhere).await;
        // The person's token has no right to people.
        assert_eq!(texts(&found), [text.replace("@sam", &format!("@{SAM}"))]);
        assert!(found["messages"][0]["raw"].is_object(), "{found}");
    }
}

#[tokio::test]
async fn what_is_read_and_sent_has_a_link_without_a_further_call() {
    let app = strange_app().await;
    let link = |place: &str| format!("https://sandbox-works.slack.com/archives/{ALERTS}/p{place}");
    let first = link("1735776000000300");
    let read = run_action(&app, "u1", "fetch_messages", json!({ "channel": ALERTS })).await;
    assert_eq!(read["messages"][3]["link"], first);
    let thread = run_action(&app, "u1", "fetch_thread", json!({ "channel": ALERTS, "threadTs": ALERT })).await;
    let reply = format!("{}?thread_ts={ALERT}&cid={ALERTS}", link("1735776060000300"));
    assert_eq!(thread["messages"][1]["link"], reply);
    let found = run_action(&app, "u1", "search_messages", json!({ "channel": ALERTS, "query": "disk" })).await;
    assert_eq!(found["messages"][0]["link"], first);
    let one = run_action(&app, "u1", "get_message", json!({ "channel": ALERTS, "ts": ALERT })).await;
    assert_eq!(one["link"], first);
    let message = json!({ "channel": ALERTS, "text": "Seen", "threadTs": ALERT });
    let sent = app.submit("u1", intent("slack", "send_message").context(message)).await.succeeded();
    let sent_link = sent.metadata.unwrap().link.unwrap();
    assert!(sent_link.ends_with(&format!("?thread_ts={ALERT}&cid={ALERTS}")), "{sent_link}");
    assert_eq!(app.sandbox.sandbox.call_count("/slack/api/chat.getPermalink"), 0);
    let read = run_action(&app, "u1", "get_permalink", json!({ "channel": ALERTS, "ts": reply })).await;
    assert_eq!(read["link"], reply, "Slack names the same address");
}

#[tokio::test]
async fn a_message_gets_emoji_as_they_are_shown() {
    let app = strange_app().await;
    for (emoji, name) in [("👍🏽", "+1::skin-tone-4"), ("🇳🇱", "flag-nl"), (":eyes:", "eyes")] {
        let reaction = json!({ "channel": ALERTS, "ts": ALERT, "emoji": emoji });
        let added = run_action(&app, "u1", "add_reaction", reaction.clone()).await;
        assert_eq!(added["emoji"], name);
    }
    let removed = json!({ "channel": ALERTS, "ts": ALERT, "emoji": "👍🏽" });
    run_action(&app, "u1", "remove_reaction", removed).await;
    let read = run_action(&app, "u1", "get_message", json!({ "channel": ALERTS, "ts": ALERT })).await;
    assert_eq!(
        (read["reactions"][0]["name"].as_str(), read["reactions"].as_array().unwrap().len()),
        (Some("flag-nl"), 2)
    );
}

#[tokio::test]
async fn people_are_mentioned_by_name() {
    let app = strange_app().await;
    let text = "Ask <@Sam Okafor> or <@kim@example.com> in <#general>";
    let sent = run_action(&app, "u1", "send_message", json!({ "channel": ALERTS, "text": text })).await;
    app.advance(LIST_LAG_SECONDS);
    let read = run_action(&app, "u1", "get_message", json!({ "channel": ALERTS, "ts": sent["ts"], "raw": true })).await;
    assert_eq!(read["raw"]["text"], format!("Ask <@{SAM}> or <@{KIM}> in <#{GENERAL}>"));
    assert_eq!(read["text"], format!("Ask @sam or @kim in #{GENERAL}"));
    let unclear =
        fail_action(&app, "send_message", json!({ "channel": ALERTS, "text": "<@Okafor>" }), "PROVIDER_NOT_FOUND")
            .await;
    assert!(unclear.contains(&format!("{SAM} (Sam Okafor)")), "{unclear}");
}

#[tokio::test]
async fn a_person_lists_their_own_direct_conversations_and_groups() {
    let app = strange_app().await;
    app.connect_account("u2", "slack", sandbox::fixtures::SAM).await;
    run_action(&app, "u1", "open_dm", json!({ "users": [ALEX] })).await;
    run_action(&app, "u1", "open_dm", json!({ "users": [KIM] })).await;
    run_action(&app, "u1", "open_dm", json!({ "users": [ALEX, KIM] })).await;
    app.advance(LIST_LAG_SECONDS);
    let list = async |user: &str, kind: &str| {
        let listed = run_action(&app, user, "list_channels", json!({ "type": kind })).await;
        listed["channels"].as_array().unwrap().clone()
    };
    let direct = list("u1", "direct").await;
    assert_eq!(direct.len(), 1, "the conversation with Kim is Kim's: {direct:?}");
    assert_eq!(direct[0]["person"], json!({ "id": ALEX, "name": "alex" }));
    assert_eq!(
        (list("u1", "group").await.len(), list("u2", "direct").await.len(), list("u2", "group").await.len()),
        (1, 0, 0)
    );
}

#[tokio::test]
async fn an_app_of_an_organization_names_its_workspace_in_lists() {
    let app = TestApp::start().await;
    let mut strangeness = Strangeness::content();
    strangeness.slack.limits = SlackLimits::None;
    strangeness.slack.is_organization = true;
    app.sandbox.sandbox.set_strangeness(strangeness);
    app.connect("u1", "slack").await;
    run_action(&app, "u1", "send_message", json!({ "channel": "general", "text": "Hi <@Sam Okafor>" })).await;
    for action in ["list_channels", "list_users", "list_scheduled_messages"] {
        run_action(&app, "u1", action, json!({})).await;
    }
    run_action(&app, "u1", "list_channels", json!({ "memberOnly": true, "type": "private" })).await;
    run_action(&app, "u1", "create_channel", json!({ "name": "launch", "private": true })).await;
}

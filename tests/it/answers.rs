//! Answers that people and models can use: what resolves an error, the text for the person, and what is stored of it.

mod examples;

use crate::support::builders::{email, every, fetch_emails, intent, message};
use crate::support::responses::{ErrorAction, Outcome, PluginSuccess, Scheduled, TaskStatus};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::Strangeness;
use sandbox::fixtures::{SAM, asana, notion};
use serde_json::json;

/// A deployment whose providers refuse what no scope allows.
async fn refusing_app() -> TestApp {
    let app = TestApp::start().await;
    for tool in ["asana", "gmail", "notion"] {
        app.connect("u1", tool).await;
    }
    let mut strangeness = Strangeness::strict();
    strangeness.gmail.is_disabled_by_domain = true;
    strangeness.notion.lacks_comment_capability = true;
    app.sandbox.sandbox.set_strangeness(strangeness);
    app
}

#[tokio::test]
async fn a_refusal_that_names_no_scope_is_forbidden_and_offers_no_consent() {
    let app = refusing_app().await;
    let comment = intent("notion", "list_comments").with("pageId", notion::PAGE);
    let project = intent("asana", "get_project").with("projectId", asana::PRIVATE_PROJECT);
    let task = intent("asana", "complete_task").with("taskId", asana::FOREIGN_TASK);
    for (intent, reason) in [
        (project, "asana: Forbidden: You do not have access to this project."),
        (task, "asana: Forbidden: You do not have access to this task."),
        (comment, "notion: restricted_resource: Insufficient permissions for this endpoint. (the integration lacks"),
        (email(), "gmail: domainPolicy: The domain policy has disabled third-party Gmail apps."),
    ] {
        // More often than the circuit breaker would allow.
        for _ in 0..6 {
            let failed = app.submit("u1", intent.clone()).await.failed("PROVIDER_FORBIDDEN");
            let error = failed.error;
            assert!(error.message.starts_with(reason), "{error:?}");
            assert_eq!((error.action, error.outcome), (ErrorAction::Fix, Outcome::None), "{error:?}");
            assert_eq!((error.connect_url, error.retry_after_ms), (None, None));
            assert!(failed.fallback_message.contains(reason), "{}", failed.fallback_message);
        }
    }
    let logged = app.logged_errors("agentId=a").await.errors;
    assert!(logged.iter().all(|error| error.error_action == Some(ErrorAction::Fix)), "{logged:?}");
}

#[tokio::test]
async fn a_forbidden_task_fails_and_does_not_wait_for_its_connection() {
    let app = refusing_app().await;
    let task = intent("asana", "complete_task").with("taskId", asana::FOREIGN_TASK).at(app.after(60));
    let id = app.schedule("u1", task).await.scheduled();
    app.run_processor_after(61).await;
    let task = app.task(&id).await;
    task.assert_status(TaskStatus::Failed).last_error_code("PROVIDER_FORBIDDEN").attempts(1);
    assert_eq!(task.last_error.unwrap().action, ErrorAction::Fix);
    app.effects(EffectKind::TaskAwaitingConnection).assert_none();
}

#[tokio::test]
async fn fallback_message_says_what_resolves_the_error() {
    let app = TestApp::start().await;
    let connect = app.submit("u1", email()).await.failed("NOT_CONNECTED");
    assert_eq!((connect.error.action, connect.error.connect_url.is_some()), (ErrorAction::Connect, true));
    app.connect("u1", "slack").await;
    let fix = app.submit("u1", message().with("channel", "sales-emea")).await.failed("PROVIDER_NOT_FOUND");
    assert_eq!(fix.error.action, ErrorAction::Fix);
    let limited = Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" }));
    app.fault(limited.header("retry-after", "7").at_path("/api/chat.postMessage"));
    let retry = app.submit("u1", message()).await.failed("PROVIDER_RATE_LIMITED");
    assert_eq!((retry.error.action, retry.error.retry_after_ms.is_some()), (ErrorAction::Retry, true));
    app.advance(60);
    app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
    let unclear = app.submit("u1", message()).await.unresolved();
    assert_eq!(unclear.error.action, ErrorAction::Look);
    let texts = [&connect, &fix, &retry, &unclear].map(|failed| failed.fallback_message.as_str());
    let parts = ["Please connect it", "no channel 'sales-emea'; visible are", "later", "not certain whether Slack did"];
    for (at, (text, part)) in texts.iter().zip(parts).enumerate() {
        assert!(text.contains(part), "{text}");
        assert_eq!(text.contains("later"), at == 2, "{text}");
    }
}

#[tokio::test]
async fn callers_own_words_are_in_the_answer_and_in_nothing_stored_or_logged() {
    let app = TestApp::start().await;
    let log = app.capture_log();
    app.connect("u1", "slack").await;
    let lost = message().with("channel", "#sales-emea");
    let live = app.submit("u1", lost.clone().key("k1")).await.failed("PROVIDER_NOT_FOUND");
    assert!(live.error.message.contains("no channel 'sales-emea'"), "{live:?}");
    assert_eq!(live.message, live.error.message);
    let shown = app.submit("u1", lost.clone().dry_run()).await.failed("PROVIDER_NOT_FOUND");
    assert!(shown.error.message.contains("no channel 'sales-emea'"), "{shown:?}");
    // What follows is read from rows.
    let id = app.schedule("u1", lost.clone().at(app.after(60))).await.scheduled();
    app.run_processor_after(61).await;
    let replayed = app.submit("u1", lost.key("k1")).await.failed("PROVIDER_NOT_FOUND").error.message;
    let scheduled = app.task(&id).await.last_error.unwrap().message;
    let immediate = app.task(&live.task_id()).await.last_error.unwrap().message;
    let logged = app.logged_errors("agentId=a").await.errors;
    assert_eq!(logged.len(), 2);
    let stored = [replayed, scheduled, immediate].into_iter().chain(logged.into_iter().map(|row| row.error_message));
    for text in stored {
        assert!(text.starts_with("slack: no channel '[...]'; visible are"), "{text}");
    }
    let lines = json!(log.lines()).to_string();
    assert!(lines.contains("attempt ended") && !lines.contains("sales-emea"), "{lines}");
}

#[tokio::test]
async fn results_of_items_quote_the_caller_in_the_answer_alone() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let refusal = json!({ "ok": false, "error": "cannot invite U0SAMPLE001" });
    app.fault(Fault::status("slack", 200, refusal).at_path("/api/conversations.invite"));
    let people = json!(["U0SAMPLE001"]);
    let invite = intent("slack", "invite_to_channel").with("channel", "general").with("users", people);
    let live = app.submit("u1", invite).await.failed("PROVIDER_REJECTED");
    let message = |data: &serde_json::Value| data["results"][0]["message"].as_str().unwrap().to_owned();
    assert_eq!(message(&json!(live.data)), "slack: cannot invite U0SAMPLE001");
    let stored = app.task(&live.task_id()).await.last_error.unwrap();
    assert_eq!(
        (message(&stored.data.unwrap()), stored.message.as_str()),
        ("slack: cannot invite [...]".to_owned(), "slack: cannot invite [...]")
    );
}

#[tokio::test]
async fn schedule_warns_where_the_account_needs_a_person() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let at = app.after(3600);
    let healthy: Scheduled = serde_json::from_value(app.schedule("u1", email().at(at)).await.accepted()).unwrap();
    assert_eq!(healthy.warnings, None);

    let modify = "https://www.googleapis.com/auth/gmail.modify";
    app.connect_with("u2", "gmail", &format!("&account={SAM}&deny_scopes={modify}")).await;
    let series = email().recurring(every("P1D")).at(at);
    for accepted in [app.schedule("u2", series).await, app.schedule("u2", email().at(at)).await] {
        let accepted: Scheduled = serde_json::from_value(accepted.accepted()).unwrap();
        let [warning] = accepted.warnings.unwrap().try_into().unwrap();
        assert_eq!(warning.code, "MISSING_SCOPE");
        assert!(warning.message.contains("gmail was connected without the permission this needs"), "{warning:?}");
        assert!(warning.connect_url.unwrap().starts_with("http://localhost:3000/connect?tool=gmail"));
    }
    // The main endpoint says the same.
    let accepted: PluginSuccess = serde_json::from_value(app.submit("u2", email().at(at)).await.accepted()).unwrap();
    assert_eq!(accepted.warnings.unwrap()[0].code, "MISSING_SCOPE");

    app.sandbox.sandbox.revoke_grants("google");
    app.advance(2 * 3600);
    app.submit("u1", fetch_emails()).await.failed("REAUTH_REQUIRED");
    let accepted: Scheduled =
        serde_json::from_value(app.schedule("u1", email().at(app.after(60))).await.accepted()).unwrap();
    assert_eq!(accepted.warnings.unwrap()[0].code, "REAUTH_REQUIRED");
    // What nothing binds to an account is refused with the page to connect one.
    let refused = app.schedule("u3", email().at(app.after(60))).await.refusal(424, "NOT_CONNECTED");
    assert_eq!((refused.action, refused.connect_url.is_some()), (ErrorAction::Connect, true));
}

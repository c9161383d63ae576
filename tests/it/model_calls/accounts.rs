//! The account of a call: named beside the arguments by the program, or among them by the model.

use super::{answer, call, code, done};
use crate::support::{EffectKind, TestApp};
use serde_json::{Value, json};

/// An app of which `u1` has connected two mailboxes.
async fn two_mailboxes() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.connect_with("u1", "gmail", "&account=sam@example.com").await;
    app
}

fn mail(account: Value) -> Value {
    let mut arguments = json!({ "to": "kim@example.com", "subject": "Hello", "body": "Hi." });
    arguments["account"] = account;
    call("gmail_send_email", arguments)
}

fn of_account(mut body: Value, account: &str) -> Value {
    body["account"] = account.into();
    body
}

#[tokio::test]
async fn a_model_names_the_account_among_the_arguments() {
    let app = two_mailboxes().await;
    let unclear = answer(&app, mail(Value::Null)).await;
    assert_eq!(code(&unclear), "AMBIGUOUS_ACCOUNT");
    assert!(unclear.content.contains("Name one of these in the argument `account`:"), "{}", unclear.content);
    done(answer(&app, mail("sam@example.com".into())).await);
    app.effects(EffectKind::MessageSent).assert_count(1);
    assert_eq!(code(&answer(&app, mail(7.into())).await), "INVALID_FIELD");
}

/// The account of the call is a boundary: no writing of the model's arguments leads past it.
#[tokio::test]
async fn the_account_of_a_call_is_that_of_everything_it_calls() {
    let app = two_mailboxes().await;
    let sam = "sam@example.com";
    for own in [Value::Null, "".into(), sam.into()] {
        done(answer(&app, of_account(mail(own.clone()), sam)).await);
        let planned = json!({ "name": "gmail_send_email", "account": own, "executeAt": app.after(3600).to_string(),
            "arguments": { "to": "kim@example.com", "subject": "Later", "body": "Hi." } });
        let planned = done(answer(&app, of_account(call("engine_schedule_action", planned), sam)).await);
        let task = planned.task_id.unwrap();
        let shown = done(answer(&app, of_account(call("engine_show_task", json!({ "taskId": task })), sam)).await);
        assert_eq!(shown.structured["task"]["account"], planned.structured["account"]);
        done(answer(&app, of_account(call("engine_cancel_task", json!({ "taskId": task })), sam)).await);
    }
    let alex = "alex@example.com";
    for other in [
        mail(alex.into()),
        call("engine_dry_run", json!({ "name": "gmail_send_email", "account": alex, "arguments": {} })),
    ] {
        let refused = answer(&app, of_account(other, sam)).await;
        assert!(refused.content.contains("this call is for the account 'sam@example.com'"), "{}", refused.content);
    }
    for tool in ["engine_list_tasks", "engine_list_connections", "engine_list_errors"] {
        done(answer(&app, of_account(call(tool, json!({})), sam)).await);
    }
}

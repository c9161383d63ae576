//! Where tokens rest: both vaults keep the same promises, by themselves and under the engine.

mod rotation;

use crate::support::TestApp;
use crate::token_refresh::VAULTS;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::aws::LazyClient;
use engine::clock::Random;
use engine::config::{SecretSource, VaultKind};
use engine::ids::UserId;
use engine::tables::integrations::StoredTokens;
use engine::tool::Tool;
use engine::vault::{
    ColumnCipher, EncryptedColumnVault, SecretReader, SecretsManagerVault, TokenBinding, TokenVault, Tokens,
};
use sandbox::Fault;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const KEYRING: &str = r#"{"current": "k1", "k1": "0123456789abcdef0123456789abcdef"}"#;
/// Versions, as ULIDs are.
const V1: &str = "01JDAAAAAAAAAAAAAAAAAAAAAA";
const V2: &str = "01JDBBBBBBBBBBBBBBBBBBBBBB";

/// A vault of a process of its own: nothing is in its memory.
fn vault(app: &TestApp, kind: VaultKind) -> TokenVault {
    let client = aws_sdk_secretsmanager::Client::new(&app.aws);
    let keyring = SecretSource::Secret("keyring".to_owned());
    let client = LazyClient::new(|| client);
    let sealer = ColumnCipher::new(keyring, SecretReader::new(client.clone()), Random::system());
    TokenVault::new(kind, EncryptedColumnVault::new(sealer), SecretsManagerVault::new(client, "test"))
}

fn tokens(name: &str) -> Tokens {
    Tokens { access: format!("access {name}").into(), refresh: Some(format!("refresh {name}").into()) }
}

fn binding<'a>(user: &'a UserId, tool: Tool, version: &'a str) -> TokenBinding<'a> {
    TokenBinding { user, tool, version }
}

/// What a vault of a fresh process reads: the access token, or the error's code.
async fn read(app: &TestApp, kind: VaultKind, owner: TokenBinding<'_>, stored: &StoredTokens) -> String {
    match vault(app, kind).read(owner, stored).await {
        Ok(tokens) => tokens.access.expose_secret().to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

/// What both vaults promise.
async fn check_vault_contract(kind: VaultKind) {
    let app = TestApp::start().await;
    app.create_secret("keyring", KEYRING).await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let [slack, gmail] = ["slack", "gmail"].map(|tool| engine::adapters::find(tool).unwrap().tool);
    let writer = vault(&app, kind);

    // Stored, and read by another process.
    let name = writer.reserve_secret(V1);
    let first = writer.create(binding(&ann, slack, V1), &tokens("one"), name.as_deref()).await.unwrap();
    assert_eq!(read(&app, kind, binding(&ann, slack, V1), &first).await, "access one");
    assert!(!format!("{first:?}").contains("access one"));

    // Replaced, as often as one likes; each version opens its own tokens.
    let second = writer.replace(binding(&ann, slack, V2), &tokens("two"), &first).await.unwrap();
    let again = writer.replace(binding(&ann, slack, V2), &tokens("two"), &first).await.unwrap();
    for stored in [&second, &again] {
        assert_eq!(read(&app, kind, binding(&ann, slack, V2), stored).await, "access two");
    }
    assert_eq!(read(&app, kind, binding(&ann, slack, V1), &first).await, "access one");

    // In another's row, another tool's, or one of another version it does not open, not even where it is in memory.
    for owner in [binding(&bob, slack, V2), binding(&ann, gmail, V2), binding(&ann, slack, V1)] {
        assert_eq!(read(&app, kind, owner, &second).await, "NOT_FOUND");
        assert_eq!(writer.read(owner, &second).await.unwrap_err().code(), "NOT_FOUND");
    }

    // What cannot be read now is not gone. A try of the SDK each, and its two repetitions.
    for (status, code) in [(400, "ThrottlingException"), (500, "InternalServiceError")] {
        app.sandbox.sandbox.fault(Fault::status("aws", status, json!({ "__type": code })).times(3));
        assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, "UNAVAILABLE", "{code}");
        assert_eq!(app.sandbox.sandbox.pending_faults(), []);
    }
    for code in ["AccessDeniedException", "DecryptionFailure"] {
        app.sandbox.sandbox.fault(Fault::status("aws", 400, json!({ "__type": code })));
        assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, "UNAVAILABLE", "{code}");
    }
    app.sandbox.sandbox.fault(Fault::status("aws", 502, json!("<html>Bad Gateway</html>")).times(3));
    assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, "UNAVAILABLE");
    assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, "access two");

    // Forgotten: the secret is gone; encrypted tokens are deleted with their row.
    writer.delete_secrets(name.iter()).await.unwrap();
    writer.delete_secrets(name.iter()).await.unwrap();
    let left = if kind == VaultKind::EncryptedColumn { "access two" } else { "NOT_FOUND" };
    assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, left);
    assert_eq!(app.sandbox.sandbox.secret_names(), ["keyring"]);
}

#[tokio::test]
async fn the_encrypted_column_vault_meets_the_contract() {
    check_vault_contract(VaultKind::EncryptedColumn).await;
}

#[tokio::test]
async fn the_secrets_manager_vault_meets_the_contract() {
    check_vault_contract(VaultKind::SecretsManager).await;
}

/// A deployment with the keyring in a secret and Slack connected by two users; a cold start follows.
async fn two_users(vault: &str) -> TestApp {
    let settings =
        [("PLUGIN_ENGINE_VAULT", vault), ("PLUGIN_ENGINE_KEYRING", ""), ("PLUGIN_ENGINE_KEYRING_SECRET", "keyring")];
    let mut app = TestApp::start_with(&settings).await;
    app.create_secret("keyring", KEYRING).await;
    for user in ["u1", "u2"] {
        app.connect(user, "slack").await;
    }
    app.cold_start();
    app
}

fn send(at: Option<&str>) -> Value {
    let context = json!({ "channel": sandbox::fixtures::slack::GENERAL, "text": "Hello" });
    json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": context, "executeAt": at })
}

fn row_key(user: &str) -> [(&'static str, AttributeValue); 2] {
    [("pk", AttributeValue::S(user.to_owned())), ("sk", AttributeValue::S("tool#slack".to_owned()))]
}

/// Puts the tokens of the second user's row into the first's, as somebody who can write to the table would.
async fn move_tokens(app: &TestApp) {
    let table = &app.tables.integrations;
    let [pk, sk] = row_key("u2");
    let row = app.store.get_item().table_name(table).key(pk.0, pk.1).key(sk.0, sk.1).send().await.unwrap();
    let row = row.item.unwrap();
    let [pk, sk] = row_key("u1");
    let update = app.store.update_item().table_name(table).key(pk.0, pk.1).key(sk.0, sk.1);
    let update = update.update_expression("SET tokens = :tokens, tokenVersion = :version");
    let update = update.expression_attribute_values(":tokens", row["tokens"].clone());
    update.expression_attribute_values(":version", row["tokenVersion"].clone()).send().await.unwrap();
    app.calls.take_used_actions();
}

#[tokio::test]
async fn another_users_tokens_in_a_row_need_reauth_and_are_reported_once() {
    for vault in VAULTS {
        let app = two_users(vault).await;
        let at = (app.clock.now() + jiff::SignedDuration::from_secs(60)).to_string();
        let tasks = [app.post("u1", "", send(Some(&at))).await, app.post("u1", "", send(Some(&at))).await];
        move_tokens(&app).await;
        let calls = futures::future::join_all((0..8).map(|_| app.post("u1", "", send(None)))).await;
        for call in calls {
            assert_eq!(call.ok()["error"]["code"], "REAUTH_REQUIRED", "{vault}");
        }
        app.advance(60);
        app.run_processor().await;
        for task in tasks {
            let id = task.accepted()["metadata"]["taskId"].as_str().unwrap().to_owned();
            let task = app.get("u1", &format!("/tasks?taskId={id}")).await.ok();
            assert_eq!(task["task"]["status"], "needs_attention", "{vault}: {task}");
        }
        // One event for the connection, not one for each task.
        assert_eq!(app.effects("integration.needs_reauth").len(), 1, "{vault}");
        assert!(app.effects("message_posted").is_empty(), "{vault}");
        assert_eq!(app.post("u2", "", send(None)).await.ok()["success"], true, "{vault}");
    }
}

#[tokio::test]
async fn a_throttled_vault_defers_tasks_without_consuming_an_attempt() {
    for vault in VAULTS {
        let app = two_users(vault).await;
        let at = (app.clock.now() + jiff::SignedDuration::from_secs(60)).to_string();
        let accepted = app.post("u1", "", send(Some(&at))).await.accepted();
        let id = accepted["metadata"]["taskId"].as_str().unwrap();
        let throttled = || Fault::status("aws", 400, json!({ "__type": "ThrottlingException" })).times(3);
        for _ in 0..8 {
            app.advance(60);
            app.sandbox.sandbox.fault(throttled());
            app.run_processor().await;
            assert_eq!(app.sandbox.sandbox.pending_faults(), [], "the vault was asked");
        }
        let task = app.get("u1", &format!("/tasks?taskId={id}")).await.ok();
        assert_eq!(
            (&task["task"]["status"], &task["task"]["attempts"]),
            (&json!("retrying"), &json!(0)),
            "{vault}: {task}"
        );
        app.advance(60);
        app.run_processor().await;
        let task = app.get("u1", &format!("/tasks?taskId={id}")).await.ok();
        assert_eq!(task["task"]["status"], "completed", "{vault}: {task}");
        assert_eq!(app.effects("message_posted").len(), 1);
        assert!(app.effects("integration.needs_reauth").is_empty(), "{vault}");
    }
}

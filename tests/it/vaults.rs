//! Token vaults: both implementations meet the same contract, alone and in the engine.

mod keys;
mod rotation;

use crate::support::builders::message;
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp, account_id};
use crate::token_refresh::VAULTS;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::account::AccountId;
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
use sandbox::fixtures::slack;
use secrecy::ExposeSecret;
use serde_json::json;
use std::sync::LazyLock;

const KEYRING: &str = r#"{"current": "k1", "k1": "0123456789abcdef0123456789abcdef"}"#;
/// Token versions; versions are ULIDs.
const V1: &str = "01JDAAAAAAAAAAAAAAAAAAAAAA";
const V2: &str = "01JDBBBBBBBBBBBBBBBBBBBBBB";

/// A vault as in a new process, with empty caches.
fn vault(app: &TestApp, kind: VaultKind) -> TokenVault {
    let client = aws_sdk_secretsmanager::Client::new(&app.aws);
    let keyring = SecretSource::Secret("keyring".to_owned());
    let client = LazyClient::new(|| client);
    let sealer = ColumnCipher::new(keyring, SecretReader::new(client.clone()), Random::system());
    TokenVault::new(kind, EncryptedColumnVault::new(sealer), SecretsManagerVault::new(client, "test", None))
}

fn tokens(name: &str) -> Tokens {
    Tokens::new(format!("access {name}"), Some(format!("refresh {name}").into()))
}

static ACCOUNT: LazyLock<AccountId> = LazyLock::new(|| account_id("T1.U1"));
static OTHER: LazyLock<AccountId> = LazyLock::new(|| account_id("T1.U2"));

fn binding<'a>(user: &'a UserId, tool: Tool, version: &'a str) -> TokenBinding<'a> {
    TokenBinding { user, tool, account: &ACCOUNT, version }
}

/// The access token that a vault in a new process reads, or the error's code.
async fn read(app: &TestApp, kind: VaultKind, owner: TokenBinding<'_>, stored: &StoredTokens) -> String {
    match vault(app, kind).read(owner, stored).await {
        Ok(tokens) => tokens.access.expose_secret().to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

/// Checks the contract of both vaults.
async fn check_vault_contract(kind: VaultKind) {
    let app = TestApp::start().await;
    app.create_secret("keyring", KEYRING).await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let [slack, gmail] = ["slack", "gmail"].map(|tool| engine::adapters::find(tool).unwrap().tool);
    let writer = vault(&app, kind);

    // Tokens are stored and read by another process.
    let name = writer.reserve_secret(V1);
    let first = writer.create(binding(&ann, slack, V1), &tokens("one"), name.as_deref()).await.unwrap();
    assert_eq!(read(&app, kind, binding(&ann, slack, V1), &first).await, "access one");
    assert!(!format!("{first:?}").contains("access one"));

    // Replacing is idempotent, and each version decrypts its own tokens.
    let second = writer.replace(binding(&ann, slack, V2), &tokens("two"), &first).await.unwrap();
    let again = writer.replace(binding(&ann, slack, V2), &tokens("two"), &first).await.unwrap();
    for stored in [&second, &again] {
        assert_eq!(read(&app, kind, binding(&ann, slack, V2), stored).await, "access two");
    }
    assert_eq!(read(&app, kind, binding(&ann, slack, V1), &first).await, "access one");

    // Tokens are not readable for another user, tool, account or version, not even from a cache.
    let of_other = TokenBinding { account: &OTHER, ..binding(&ann, slack, V2) };
    for owner in [binding(&bob, slack, V2), binding(&ann, gmail, V2), of_other, binding(&ann, slack, V1)] {
        assert_eq!(read(&app, kind, owner, &second).await, "NOT_FOUND");
        assert_eq!(writer.read(owner, &second).await.unwrap_err().code(), "NOT_FOUND");
    }

    // A read failure is not a missing token. The SDK makes three attempts per read.
    for (status, code) in [(400, "ThrottlingException"), (500, "InternalServiceError")] {
        app.fault(Fault::status("aws", status, json!({ "__type": code })).times(3));
        assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, "UNAVAILABLE", "{code}");
        assert_eq!(app.sandbox.sandbox.pending_faults(), []);
    }
    for code in ["AccessDeniedException", "DecryptionFailure"] {
        app.fault(Fault::status("aws", 400, json!({ "__type": code })));
        assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, "UNAVAILABLE", "{code}");
    }
    app.fault(Fault::status("aws", 502, json!("<html>Bad Gateway</html>")).times(3));
    assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, "UNAVAILABLE");
    assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, "access two");

    // Removal deletes the secret; an encrypted column is deleted with its row.
    writer.delete_secrets(name.iter()).await.unwrap();
    writer.delete_secrets(name.iter()).await.unwrap();
    let expected = if kind == VaultKind::EncryptedColumn { "access two" } else { "NOT_FOUND" };
    assert_eq!(read(&app, kind, binding(&ann, slack, V2), &second).await, expected);
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

/// A deployment after a cold start, with the keyring in a secret and Slack connected by two users.
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

fn row_key(user: &str) -> [(&'static str, AttributeValue); 2] {
    [
        ("pk", AttributeValue::S(user.to_owned())),
        ("sk", AttributeValue::S(format!("t#slack#a#{}.{}", slack::TEAM, slack::ALEX))),
    ]
}

/// Copies the tokens of the second user's row into the first's, as an attacker with write access to the table could.
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
        let later = || message().at(app.after(60));
        let tasks = [app.submit("u1", later()).await, app.submit("u1", later()).await];
        move_tokens(&app).await;
        let calls = futures::future::join_all((0..8).map(|_| app.submit("u1", message()))).await;
        for call in calls {
            call.failed("REAUTH_REQUIRED");
        }
        app.run_processor_after(60).await;
        for task in tasks {
            app.task(&task.scheduled()).await.assert_status(TaskStatus::AwaitingConnection);
        }
        // One event per connection, not per task.
        app.effects(EffectKind::ConnectionNeedsReauth).assert_count(1);
        app.effects(EffectKind::MessagePosted).assert_none();
        app.submit("u2", message()).await.succeeded();
    }
}

#[tokio::test]
async fn a_throttled_vault_defers_tasks_without_consuming_an_attempt() {
    for vault in VAULTS {
        let app = two_users(vault).await;
        let id = app.submit("u1", message().at(app.after(60))).await.scheduled();
        let throttled = || Fault::status("aws", 400, json!({ "__type": "ThrottlingException" })).times(3);
        for _ in 0..8 {
            app.advance(60);
            app.fault(throttled());
            app.run_processor().await;
            assert_eq!(app.sandbox.sandbox.pending_faults(), [], "the vault was not read");
        }
        app.task(&id).await.assert_status(TaskStatus::Retrying).attempts(0);
        app.run_processor_after(60).await;
        app.task(&id).await.assert_completed();
        app.effects(EffectKind::MessagePosted).assert_count(1);
        app.effects(EffectKind::ConnectionNeedsReauth).assert_none();
    }
}

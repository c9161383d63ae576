//! The keys at rest: the callback reads no key of tokens, and new secrets have the deployment's KMS key.

use super::KEYRING;
use crate::support::TestApp;
use crate::support::builders::message;
use serde_json::json;

const FLOWS_KEYRING: &str = r#"{"current": "f1", "f1": "abcdef0123456789abcdef0123456789"}"#;
const KMS_KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-4333-8444-555555555555";

#[tokio::test]
async fn a_consent_needs_only_the_keyring_of_flows_and_tokens_only_theirs() {
    let settings = [
        ("PLUGIN_ENGINE_KEYRING", ""),
        ("PLUGIN_ENGINE_KEYRING_SECRET", "keyring"),
        ("PLUGIN_ENGINE_FLOWS_KEYRING", ""),
        ("PLUGIN_ENGINE_FLOWS_KEYRING_SECRET", "flows-keyring"),
    ];
    let mut app = TestApp::start_with(&settings).await;
    app.create_secret("flows-keyring", FLOWS_KEYRING).await;
    // The keyring of tokens does not exist yet: start and callback read the other one.
    let code = app.consent("u1", "slack", "").await;
    app.create_secret("keyring", KEYRING).await;
    app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.ok();
    // A process whose keyring of flows is broken still reads tokens.
    app.put_secret("flows-keyring", "broken-version-of-the-flows-keyring", "{}").await;
    app.cold_start();
    app.submit("u1", message()).await.succeeded();
    app.get("u1", "/oauth/authorize?tool=slack").await.refused(501, "NOT_CONFIGURED");
}

#[tokio::test]
async fn the_secrets_of_new_connections_have_the_configured_kms_key() {
    for (setting, expected) in [(KMS_KEY, json!(KMS_KEY)), ("", json!(null))] {
        let vault = ("PLUGIN_ENGINE_VAULT", "secrets-manager");
        let app = TestApp::start_with(&[vault, ("PLUGIN_ENGINE_KMS_KEY", setting)]).await;
        app.connect("u1", "slack").await;
        let names = app.sandbox.sandbox.secret_names();
        assert_eq!(names.len(), 1, "{names:?}");
        assert_eq!(app.describe_secret(&names[0]).await["KmsKeyId"], expected, "{setting}");
    }
}

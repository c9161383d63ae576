//! Environment variables of a deployment that uses the sandbox for all external services, for tests of the functions and the
//! engine.

use std::collections::BTreeMap;

use serde_json::json;

use crate::fixtures::{CLIENT_SECRET, clients};

/// The providers' names in `PLUGIN_ENGINE_PROVIDER_URLS`; each is a path prefix of the sandbox.
pub const PROVIDER_PREFIXES: [&str; 6] = ["gmail", "google", "slack", "notion", "asana", "notes"];

/// The page on which a person connects a tool.
pub const CONNECT_PAGE: &str = "http://localhost:3000/connect?tool={tool}";
/// The page to which the browser is redirected after a consent.
pub const FRONTEND_URL: &str = "http://localhost:3000/integrations";
/// The redirect URI registered with the providers.
pub const OAUTH_REDIRECT_URI: &str = "http://127.0.0.1:9000/api/plugin-engine/oauth/callback";

/// The bucket of files in the sandbox's S3.
pub const FILES_BUCKET: &str = "plugin-engine-test-files";
/// The access key of the fictional account. S3 alone verifies the credentials.
pub const ACCESS_KEY_ID: &str = "test";
/// The secret of [`ACCESS_KEY_ID`].
pub const SECRET_ACCESS_KEY: &str = "test";

/// Returns the AWS SDK's variables for a fictional account.
pub fn aws_variables() -> BTreeMap<String, String> {
    let named = [
        ("AWS_REGION", "us-east-1"),
        // Without credentials the SDK would look for a role.
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    named.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Returns the engine's settings for a sandbox with the issuer `issuer`, and the providers and S3 below `outside`: the sandbox
/// itself, or a proxy before it.
pub fn engine_variables(issuer: &str, outside: &str) -> BTreeMap<String, String> {
    let ids = [
        ("gmail", clients::GMAIL),
        ("slack", clients::SLACK),
        ("notion", clients::NOTION),
        ("asana", clients::ASANA),
        ("notes", clients::NOTES),
    ];
    let clients = ids.map(|(tool, id)| (tool, json!({ "clientId": id, "clientSecret": CLIENT_SECRET })));
    let urls = PROVIDER_PREFIXES.map(|origin| (origin, format!("{outside}/{origin}")));
    let named = [
        ("FRONTEND_URL", FRONTEND_URL.to_owned()),
        ("CONNECT_PAGE_URL", CONNECT_PAGE.to_owned()),
        ("OAUTH_REDIRECT_URI", OAUTH_REDIRECT_URI.to_owned()),
        ("JWT_ISSUER", issuer.to_owned()),
        ("JWT_AUDIENCE", "plugin-engine".to_owned()),
        ("JWT_ALGORITHMS", "ES256".to_owned()),
        ("VAULT", "encrypted-column".to_owned()),
        ("KEYRING", json!({ "current": "k1", "k1": "0123456789abcdef0123456789abcdef" }).to_string()),
        ("FLOWS_KEYRING", json!({ "current": "f1", "f1": "abcdef0123456789abcdef0123456789" }).to_string()),
        ("CLIENTS", json!(BTreeMap::from(clients)).to_string()),
        ("PROVIDER_URLS", json!(BTreeMap::from(urls)).to_string()),
        ("EVENT_BUS", "outcomes".to_owned()),
        ("FILES_BUCKET", FILES_BUCKET.to_owned()),
    ];
    let named = named.map(|(name, value)| (format!("PLUGIN_ENGINE_{name}"), value));
    named.into_iter().chain([("AWS_ENDPOINT_URL_S3".to_owned(), format!("{outside}/s3"))]).collect()
}

//! Connecting an account through a provider's consent page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::Sandbox;
use sandbox::fixtures::{CLIENT_SECRET, clients};
use serde_json::{Value, json};

use crate::support::{REDIRECT_URI, TestRequest, TestResponse, encode_query};

/// A provider's OAuth endpoints and the parameters of every authorization.
struct Endpoints {
    authorize: &'static str,
    token: &'static str,
    client_id: &'static str,
    parameters: &'static [(&'static str, &'static str)],
}

fn endpoints(provider: &str) -> Endpoints {
    let endpoints = |authorize, token, client_id, parameters| Endpoints { authorize, token, client_id, parameters };
    match provider {
        "google" => endpoints(
            "/google/o/oauth2/v2/auth",
            "/google/token",
            clients::GMAIL,
            &[("access_type", "offline"), ("prompt", "consent")],
        ),
        "slack" => endpoints("/slack/oauth/v2/authorize", "/slack/api/oauth.v2.access", clients::SLACK, &[]),
        "notion" => {
            endpoints("/notion/v1/oauth/authorize", "/notion/v1/oauth/token", clients::NOTION, &[("owner", "user")])
        }
        "asana" => endpoints("/asana/-/oauth_authorize", "/asana/-/oauth_token", clients::ASANA, &[]),
        other => panic!("{other} has no endpoints"),
    }
}

/// Requests the consent page with these parameters.
pub(crate) async fn consent(sandbox: &Sandbox, provider: &str, more: &[(&str, &str)]) -> TestResponse {
    let Endpoints { authorize, client_id, parameters, .. } = endpoints(provider);
    let own = [("client_id", client_id), ("redirect_uri", REDIRECT_URI), ("response_type", "code"), ("state", "s")];
    let query = encode_query(&[&own[..], parameters, more].concat());
    TestRequest::get(&format!("{authorize}?{query}")).send(sandbox).await
}

/// Allows the consent with these parameters; returns the response of the token endpoint.
pub(crate) async fn connect(sandbox: &Sandbox, provider: &str, more: &[(&str, &str)]) -> Value {
    let redirect = consent(sandbox, provider, &[more, &[("auto", "allow")]].concat()).await;
    let code = redirect.location("code").unwrap_or_else(|| panic!("{provider}: {}", redirect.text));
    exchange(
        sandbox,
        provider,
        &[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT_URI)],
    )
    .await
}

/// Exchanges a refresh token; returns the response of the token endpoint.
pub(crate) async fn refresh(sandbox: &Sandbox, provider: &str, token: &Value) -> Value {
    let token = token.as_str().unwrap_or_default();
    exchange(sandbox, provider, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

async fn exchange(sandbox: &Sandbox, provider: &str, fields: &[(&str, &str)]) -> Value {
    let Endpoints { token, client_id, .. } = endpoints(provider);
    let request = match provider {
        "notion" => {
            let body: serde_json::Map<String, Value> =
                fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            TestRequest::post(token, &Value::Object(body)).basic(client_id, CLIENT_SECRET)
        }
        "slack" => TestRequest::form(token, fields).basic(client_id, CLIENT_SECRET),
        _ => {
            let client = [("client_id", client_id), ("client_secret", CLIENT_SECRET)];
            TestRequest::form(token, &[&client[..], fields].concat())
        }
    };
    request.send(sandbox).await.json()
}

/// Returns the claims of a JWT, without a check of its signature.
pub(crate) fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Returns the access token of a response.
pub(crate) fn access(response: &Value) -> &str {
    response["access_token"].as_str().unwrap_or_else(|| panic!("no access token: {response}"))
}

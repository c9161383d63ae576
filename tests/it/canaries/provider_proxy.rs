//! The outbound HTTP client of the leak test: records the secrets it forwards and can echo them in responses.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use engine::http::{Http, HttpError, Request, Response};
use futures::FutureExt as _;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Secrets by kind.
pub(crate) type Secrets = BTreeMap<&'static str, BTreeSet<String>>;

/// The simulated behaviour of the providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderBehaviour {
    /// The sandbox's own response.
    PassThrough,
    /// A response of this status that echoes the whole request in every field.
    EchoRequest(u16),
    /// The call is applied and its response is lost.
    LoseResponse,
    /// A panic whose message contains the request.
    Panic,
}

#[derive(Clone, Default)]
pub(crate) struct ProviderProxy(Arc<Mutex<(Option<ProviderBehaviour>, Secrets)>>);

/// Members of token requests and responses, with their kind of secret.
const SECRET_MEMBERS: [(&str, &str); 5] = [
    ("access_token", "access token"),
    ("refresh_token", "refresh token"),
    ("client_secret", "client secret"),
    ("code", "OAuth code"),
    ("code_verifier", "PKCE verifier"),
];

impl ProviderProxy {
    pub(crate) fn set(&self, behaviour: ProviderBehaviour) {
        self.0.lock().unwrap().0 = Some(behaviour);
    }

    pub(crate) fn record_secret(&self, kind: &'static str, secret: &str) {
        self.0.lock().unwrap().1.entry(kind).or_default().insert(secret.to_owned());
    }

    pub(crate) fn secrets(&self) -> Secrets {
        self.0.lock().unwrap().1.clone()
    }

    pub(crate) fn http(&self) -> Http {
        let (outside, through) = (self.clone(), Http::client());
        Http::new(move |request| {
            let (outside, through) = (outside.clone(), through.clone());
            async move { outside.forward(&through, request).await }.boxed()
        })
    }

    async fn forward(&self, through: &Http, request: Request) -> Result<Response, HttpError> {
        // The issuer's key set is not a provider call.
        if request.uri().path().starts_with("/issuer") {
            return through.send(request).await;
        }
        self.record_request(&request);
        let behaviour = self.0.lock().unwrap().0.unwrap_or(ProviderBehaviour::PassThrough);
        match behaviour {
            ProviderBehaviour::EchoRequest(status) => Ok(echo_response(&request, status)),
            // `resume_unwind` writes nothing to stderr.
            ProviderBehaviour::Panic => std::panic::resume_unwind(Box::new(request_text(&request))),
            ProviderBehaviour::PassThrough | ProviderBehaviour::LoseResponse => {
                let response = through.send(request).await?;
                self.record_members(&serde_json::from_slice(response.body().bytes()).unwrap_or_default());
                if behaviour == ProviderBehaviour::LoseResponse {
                    Err(HttpError::Lost("on its way".to_owned()))
                } else {
                    Ok(response)
                }
            }
        }
    }

    fn record_request(&self, request: &Request) {
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some(token) = header.strip_prefix("Bearer ") {
            self.record_secret("access token", token);
        }
        if let Some(secret) = basic_secret(header) {
            self.record_secret("client secret", &secret);
        }
        let form: BTreeMap<String, String> = serde_urlencoded::from_bytes(request.body().bytes()).unwrap_or_default();
        self.record_members(&serde_json::from_slice(request.body().bytes()).unwrap_or_else(|_| json!(form)));
    }

    fn record_members(&self, body: &Value) {
        if body["authed_user"].is_object() {
            self.record_members(&body["authed_user"]);
        }
        for (member, kind) in SECRET_MEMBERS {
            if let Some(secret) = body[member].as_str().filter(|text| text.len() > 8) {
                self.record_secret(kind, secret);
            }
        }
    }
}

fn basic_secret(header: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ")?).ok()?).ok()?;
    decoded.split_once(':').map(|(_, secret)| secret.to_owned())
}

/// All content of a request in every encoding: header, form, JSON, decoded mail.
fn request_text(request: &Request) -> String {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let body = String::from_utf8_lossy(request.body().bytes());
    let form: BTreeMap<String, String> = serde_urlencoded::from_bytes(request.body().bytes()).unwrap_or_default();
    let json: Value = serde_json::from_str(&body).unwrap_or_default();
    let mail = json.pointer("/message/raw").or(json.get("raw")).and_then(Value::as_str).unwrap_or_default();
    let mail = URL_SAFE_NO_PAD.decode(mail.trim_end_matches('=')).unwrap_or_default();
    let mail = String::from_utf8_lossy(&mail).into_owned();
    let values: Vec<String> = form.into_values().collect();
    // The last part of a mail is its body.
    let tail = mail.rsplit("\r\n\r\n").next().unwrap_or_default().to_owned();
    let texts = json["text"].as_str().unwrap_or_default();
    format!("{texts} {tail} {header} {} {} {body} {mail}", basic_secret(header).unwrap_or_default(), values.join(" "))
}

/// A response that echoes the request in every member that error classification reads.
fn echo_response(request: &Request, status: u16) -> Response {
    let echo = request_text(request);
    let google = request.uri().path().contains("/gmail/v1/");
    let error = if google {
        json!({ "message": echo, "status": echo, "errors": [{ "reason": echo, "message": echo }] })
    } else {
        json!(echo)
    };
    let body = json!({
        "ok": status == 200, "error": error, "error_description": echo, "message": echo, "needed": echo,
        "code": "validation_error", "errors": [{ "message": echo, "phrase": echo }], "id": [echo], "ts": [echo],
        "messages": echo, "data": echo, "access_token": [echo], "token_type": echo,
        "authed_user": { "id": "U1", "access_token": echo, "refresh_token": echo, "scope": echo },
    });
    let mut response = Response::new(body.to_string().into());
    *response.status_mut() = status.try_into().unwrap();
    response.headers_mut().insert("retry-after", "1".parse().unwrap());
    response
}

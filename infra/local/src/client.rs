//! A small HTTP client for the stack itself: loopback, no redirects followed, every answer kept whole.

use reqwest::redirect::Policy;
use reqwest::{Method, header};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

use crate::failure::{Context as _, Failure, Result};

/// Long enough for a function that must be compiled first.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(300);

/// Calls the stack. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    token: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// The body, if it is JSON.
    pub json: Value,
    /// The body.
    pub text: String,
}

impl Client {
    /// A client without a token.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self> {
        // A proxy of the machine must not be asked for its own loopback.
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(REQUEST_TIMEOUT).build();
        Ok(Self { http: http.context("the HTTP client")?, token: None })
    }

    /// The same client, sending this bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { http: self.http.clone(), token: Some(token.to_owned()) }
    }

    /// `GET`.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn get(&self, url: &str) -> Result<HttpResponse> {
        self.send(Method::GET, url, None, &[]).await
    }

    /// `POST` with a JSON body.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn post(&self, url: &str, body: &Value) -> Result<HttpResponse> {
        self.send(Method::POST, url, Some(body), &[]).await
    }

    /// `DELETE` with a JSON body.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn delete(&self, url: &str, body: &Value) -> Result<HttpResponse> {
        self.send(Method::DELETE, url, Some(body), &[]).await
    }

    /// `POST` with a JSON body and one header more: AWS's services name the operation in one.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn post_with(&self, url: &str, header: (&str, &str), body: &Value) -> Result<HttpResponse> {
        self.send(Method::POST, url, Some(body), &[header]).await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<HttpResponse> {
        let mut request = self.http.request(method.clone(), url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let at = || format!("{method} {}", without_query(url));
        // The error's own text names the URL again, with a query that may hold a code.
        let answer = request.send().await.map_err(|error| request_failure(&at(), &error))?;
        let status = answer.status().as_u16();
        let location = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        let text = answer.text().await.map_err(|error| request_failure(&at(), &error))?;
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(HttpResponse { status, location, json, text })
    }
}

fn request_failure(at: &str, error: &reqwest::Error) -> Failure {
    let why = match error {
        error if error.is_connect() => "nothing listens there",
        error if error.is_timeout() => "no answer in time",
        _ => "the connection broke",
    };
    Failure::new(format!("{at}: {why}"))
}

fn without_query(url: &str) -> &str {
    url.split_once('?').map_or(url, |(start, _)| start)
}

impl HttpResponse {
    /// This answer, if it has this status.
    ///
    /// # Errors
    /// With what came instead.
    pub fn expect_status(self, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        Err(Failure::new(format!("expected HTTP {status}, got {self}")))
    }

    /// A text in the JSON body.
    ///
    /// # Errors
    /// When it is not there.
    pub fn text_at(&self, pointer: &str) -> Result<&str> {
        let found = self.json.pointer(pointer).and_then(Value::as_str);
        found.ok_or_else(|| Failure::new(format!("expected a text at {pointer}, got {self}")))
    }

    /// Checks one value of the JSON body.
    ///
    /// # Errors
    /// With the whole answer, when it has another.
    pub fn expect_value(&self, pointer: &str, wanted: impl Into<Value>) -> Result<()> {
        let wanted = wanted.into();
        if self.json.pointer(pointer) == Some(&wanted) {
            return Ok(());
        }
        Err(Failure::new(format!("expected {wanted} at {pointer}, got {self}")))
    }
}

impl fmt::Display for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body: String = self.text.chars().take(600).collect();
        write!(f, "HTTP {} {}", self.status, if body.is_empty() { "(no body)" } else { &body })
    }
}

//! The HTTP client for the local stack. It follows no redirects and returns complete responses.

use reqwest::Method;
use reqwest::header::{self, HeaderMap};
use reqwest::redirect::Policy;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

use crate::failure::{Context as _, Failure, Result};

/// The time limit of a request: a function may have to be compiled first.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(300);

/// A client of the stack. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    token: Option<String>,
}

/// An HTTP response.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; `null` if it is not JSON.
    pub json: Value,
    /// The body.
    pub text: String,
}

impl Client {
    /// Creates a client without a token.
    ///
    /// # Errors
    /// If TLS cannot be initialized.
    pub fn new() -> Result<Self> {
        // Requests to the loopback must not use a configured proxy.
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(REQUEST_TIMEOUT).build();
        Ok(Self { http: http.context("the HTTP client")?, token: None })
    }

    /// Returns a client that sends this bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { http: self.http.clone(), token: Some(token.to_owned()) }
    }

    /// Sends a `GET`.
    ///
    /// # Errors
    /// If no response arrives.
    pub async fn get(&self, url: &str) -> Result<HttpResponse> {
        self.send(Method::GET, url, None, &[]).await
    }

    /// Sends a `POST` with a JSON body.
    ///
    /// # Errors
    /// If no response arrives.
    pub async fn post(&self, url: &str, body: &Value) -> Result<HttpResponse> {
        self.send(Method::POST, url, Some(body), &[]).await
    }

    /// Sends a `DELETE` with a JSON body.
    ///
    /// # Errors
    /// If no response arrives.
    pub async fn delete(&self, url: &str, body: &Value) -> Result<HttpResponse> {
        self.send(Method::DELETE, url, Some(body), &[]).await
    }

    /// Sends a `POST` with a JSON body and one more header: AWS services expect the operation in a header.
    ///
    /// # Errors
    /// If no response arrives.
    pub async fn post_with(&self, url: &str, header: (&str, &str), body: &Value) -> Result<HttpResponse> {
        self.send(Method::POST, url, Some(body), &[header]).await
    }

    /// Makes the request of a signed link, `{method, url, headers}`, with these bytes and no token.
    ///
    /// # Errors
    /// If the value is no link, or no response arrives.
    pub async fn follow_link(&self, link: &Value, bytes: String) -> Result<HttpResponse> {
        let (Some(method), Some(url)) = (link["method"].as_str(), link["url"].as_str()) else {
            return Err(Failure::new(format!("expected a link with a method and a url, got {link}")));
        };
        let method = Method::from_bytes(method.as_bytes()).context("the method of a link")?;
        let mut request = self.http.request(method.clone(), url);
        for (name, value) in link["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        if method == Method::PUT {
            request = request.body(bytes);
        }
        exchange(&method, url, request).await
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
        exchange(&method, url, request).await
    }
}

/// Sends a request and reads the whole response.
async fn exchange(method: &Method, url: &str, request: reqwest::RequestBuilder) -> Result<HttpResponse> {
    let at = || format!("{method} {}", without_query(url));
    // reqwest's error text contains the URL with its query, which may contain an OAuth code.
    let response = request.send().await.map_err(|error| request_failure(&at(), &error))?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.map_err(|error| request_failure(&at(), &error))?;
    let json = serde_json::from_str(&text).unwrap_or_default();
    Ok(HttpResponse { status, headers, json, text })
}

fn request_failure(at: &str, error: &reqwest::Error) -> Failure {
    let reason = match error {
        error if error.is_connect() => "nothing listens there",
        error if error.is_timeout() => "no response in time",
        _ => "the connection was interrupted",
    };
    Failure::new(format!("{at}: {reason}"))
}

fn without_query(url: &str) -> &str {
    url.split_once('?').map_or(url, |(start, _)| start)
}

impl HttpResponse {
    /// Returns this response if it has this status.
    ///
    /// # Errors
    /// With the whole response, if it has another status.
    pub fn expect_status(self, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        Err(Failure::new(format!("expected HTTP {status}, got {self}")))
    }

    /// Returns a header; empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns a string of the JSON body.
    ///
    /// # Errors
    /// If there is no string at the pointer.
    pub fn text_at(&self, pointer: &str) -> Result<&str> {
        let found = self.json.pointer(pointer).and_then(Value::as_str);
        found.ok_or_else(|| Failure::new(format!("expected a string at {pointer}, got {self}")))
    }

    /// Checks one value of the JSON body.
    ///
    /// # Errors
    /// With the whole response, if it has another value.
    pub fn expect_value(&self, pointer: &str, expected: impl Into<Value>) -> Result<()> {
        let expected = expected.into();
        if self.json.pointer(pointer) == Some(&expected) {
            return Ok(());
        }
        Err(Failure::new(format!("expected {expected} at {pointer}, got {self}")))
    }
}

impl fmt::Display for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body: String = self.text.chars().take(600).collect();
        write!(f, "HTTP {} {}", self.status, if body.is_empty() { "(no body)" } else { &body })
    }
}

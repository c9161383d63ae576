//! Responses that are files: read as a stream, of any length.

use http::{HeaderMap, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::super::content::Source;
use super::call::Call;
use crate::error::{Error, Kind, ProviderError, Result};
use crate::http::{Body, ByteStream, Http, HttpError, Request};
use crate::tool::Tool;

/// Maximum number of redirects of a download.
const MAX_REDIRECTS: usize = 3;

/// A response that is a file.
pub struct Download {
    /// The length in bytes, if the response says it.
    pub length: Option<u64>,
    /// The headers.
    pub headers: HeaderMap,
    /// The content.
    pub stream: ByteStream,
}

impl Download {
    /// Returns the MIME type that the response has.
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE).and_then(|content_type| content_type.to_str().ok())
    }
}

impl Call<'_> {
    /// Sends a read and returns the response as a stream.
    ///
    /// # Errors
    /// As [`Call::send`].
    pub async fn download(self) -> Result<Download> {
        self.download_from(&[]).await
    }

    /// Sends a read as [`Call::download`] does, and follows redirects to `origins`: to each with the token, if this call has it.
    ///
    /// # Errors
    /// As [`Call::send`], and for a redirect to another origin.
    pub async fn download_from(mut self, origins: &[&str]) -> Result<Download> {
        self.is_streamed = true;
        let mut call = self.read_only();
        for _ in 0..=MAX_REDIRECTS {
            // A file can look like any answer, so that the status alone says if it is one.
            let received = call.clone().execute(|_| None).await?;
            let headers = received.response.headers;
            if !received.response.status.is_redirection() {
                let body = received.stream.unwrap_or_default();
                return Ok(Download { length: body.length(), headers, stream: body.into_stream() });
            }
            let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
            let moved = location.and_then(|location| call.url.join(location).ok());
            let moved =
                moved.filter(|_| !origins.is_empty()).and_then(|url| call.api.expected_url(origins, url.as_str()));
            call.url = moved
                .ok_or_else(|| call.api.error(Kind::Invalid, "redirected a download to a host that is not its own"))?;
        }
        Err(call.api.error(Kind::Transient, "redirected a download too often"))
    }

    /// Returns a read as a source of `length` bytes. It is sent when the source is opened, once for each time. `decode` makes the bytes of the
    /// response.
    ///
    /// # Errors
    /// [`Error::Provider`] for a call that cannot be built.
    pub fn into_source(mut self, length: u64, decode: fn(ByteStream) -> ByteStream) -> Result<Source> {
        self.is_streamed = true;
        if let Some(reason) = &self.build_error {
            return Err(self.api.error(Kind::Invalid, reason));
        }
        let (tool, http, secret) = (self.api.adapter.tool, self.api.http.clone(), self.api.token.clone());
        let template = self.read_only().into_request(Body::default())?.map(drop);
        Ok(Source::new(length, move || {
            let (http, secret, request) = (http.clone(), secret.clone(), copy(&template));
            Box::pin(async move { open(tool, &http, &secret, request).await.map(decode) })
        }))
    }
}

/// Returns a request without a body once more.
fn copy(template: &http::Request<()>) -> Request {
    let mut request = Request::new(Body::default());
    *request.method_mut() = template.method().clone();
    *request.uri_mut() = template.uri().clone();
    *request.headers_mut() = template.headers().clone();
    *request.extensions_mut() = template.extensions().clone();
    request
}

async fn open(tool: Tool, http: &Http, token: &SecretString, request: Request) -> Result<ByteStream> {
    let failure = |kind, message: &str| {
        let message = crate::redact::redact_quotes(message, &[token.expose_secret()]);
        Error::Provider(ProviderError { tool, kind, message, retry_after: None })
    };
    match http.send(request).await {
        Ok(response) if response.status().is_success() => Ok(response.into_body().into_stream()),
        Ok(response) => {
            let status = response.status().as_u16();
            let kind = match status {
                401 => Kind::AuthExpired,
                404 | 410 => Kind::NotFound,
                429 => Kind::RateLimited,
                _ => Kind::Transient,
            };
            Err(failure(kind, &format!("a file could not be read: HTTP {status}")))
        }
        Err(HttpError::NotSent(_)) => Err(failure(Kind::Transient, "could not be reached")),
        Err(_) => Err(failure(Kind::Transient, "did not respond")),
    }
}

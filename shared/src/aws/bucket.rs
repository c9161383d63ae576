//! [`Bucket`]: the bucket of files, over the one outbound HTTP client.
//!
//! Each request is presigned: its signature is in the query, so that a call of the engine and a link for a client are made the same
//! way. `rusty-s3` computes the signature and opens no connection; CopyObject, which it does not have, is a PUT with two headers.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

mod answers;
mod links;
mod signing;

pub use answers::{ListedObject, ListedPage, ObjectFacts};
pub use links::{Link, MAX_LINK_LIFETIME, UploadTerms};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use bytes::Bytes;
use http::StatusCode;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::http::{ActionSlots, Body, ByteStream, Http, HttpError, Response, Slot, Streamed, Unbudgeted};
use signing::SignedRequest;

/// The waits before the second and the third try, as the SDK's clients make them.
const BACKOFF: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];

/// The bucket of files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Absent without a region.
    place: Option<Arc<rusty_s3::Bucket>>,
    credentials: Option<SharedCredentialsProvider>,
    http: Http,
    clock: Clock,
}

/// The result of a copy under the condition that its source did not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The copy is stored.
    Done,
    /// The source does not exist, or was replaced since it was looked at.
    SourceChanged,
}

impl Bucket {
    /// Uses the bucket `name` of the region in `aws`, or of another server (`endpoint`), which has it in the path of its URLs.
    pub fn new(name: &str, endpoint: Option<&Url>, aws: &SdkConfig, http: &Http, clock: &Clock) -> Self {
        Self {
            place: signing::place(name, endpoint, aws).map(Arc::new),
            credentials: aws.credentials_provider(),
            http: http.clone(),
            clock: clock.clone(),
        }
    }

    /// Returns the size and the version of an object; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn head(&self, key: &str) -> Result<Option<ObjectFacts>> {
        let answer = self.send(&SignedRequest::new(rusty_s3::Method::Head, key), Bytes::new()).await?;
        found(answer)?.map(|answer| answers::facts(answer.headers())).transpose()
    }

    /// Stores an object of a known length. One whose bytes are in memory is sent again after a failure.
    ///
    /// # Errors
    /// [`Error::Unavailable`], also if the stream fails; [`Error::Internal`].
    pub async fn put(&self, key: &str, content_type: &str, body: Body) -> Result<()> {
        let request = SignedRequest::new(rusty_s3::Method::Put, key).header("content-type", content_type);
        let answer = match body.is_stream() {
            true => Box::pin(self.send_once(&request, body))
                .await?
                .map_err(|error| Error::unavailable(format!("S3: {error}")))?,
            false => self.send(&request, body.bytes().clone()).await?,
        };
        if is_transient(answer.status()) {
            return Err(Error::unavailable(format!("S3: {}", answer.status())));
        }
        done(answer).map(drop)
    }

    /// Returns the bytes of a small object; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Internal`], also for an object over [`MAX_RESPONSE_BYTES`](crate::http::MAX_RESPONSE_BYTES).
    pub async fn read(&self, key: &str) -> Result<Option<Bytes>> {
        let answer = self.send(&SignedRequest::new(rusty_s3::Method::Get, key), Bytes::new()).await?;
        Ok(found(answer)?.map(|answer| answer.body().bytes().clone()))
    }

    /// Returns the bytes of an object that can be long, with their memory reserved in `slots`; `None` if there is none.
    ///
    /// # Errors
    /// As [`Bucket::read`]; [`Error::Unavailable`] if no memory is free in time.
    pub async fn read_into(&self, key: &str, slots: &ActionSlots) -> Result<Option<Bytes>> {
        let answer = self.send(&SignedRequest::new(rusty_s3::Method::Get, key).within(slots), Bytes::new()).await?;
        let Some(mut answer) = found(answer)? else { return Ok(None) };
        slots.reserve(answer.extensions_mut().remove::<Slot>());
        Ok(Some(answer.into_body().bytes().clone()))
    }

    /// Returns a range of the bytes of an object as a stream; `None` if there is no object.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn open(&self, key: &str, range: Range<u64>) -> Result<Option<ByteStream>> {
        if range.is_empty() {
            return Ok(Some(Body::default().into_stream()));
        }
        let range = format!("bytes={}-{}", range.start, range.end - 1);
        let request = SignedRequest::new(rusty_s3::Method::Get, key).header("range", range).streamed();
        Ok(found(self.send(&request, Bytes::new()).await?)?.map(|answer| answer.into_body().into_stream()))
    }

    /// Copies an object within the bucket, if it still has the version `etag`.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn copy(&self, from: &str, etag: &str, to: &str) -> Result<Copied> {
        let source = format!("{}/{from}", self.place()?.name());
        let request = SignedRequest::new(rusty_s3::Method::Put, to)
            .header("x-amz-copy-source", &source)
            .header("x-amz-copy-source-if-match", etag);
        let answer = self.send(&request, Bytes::new()).await?;
        if matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::PRECONDITION_FAILED) {
            return Ok(Copied::SourceChanged);
        }
        let answer = done(answer)?;
        // A copy that fails late is answered with 200 and an error.
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        if answers::has_result(answer.body().bytes(), "CopyObjectResult") {
            Ok(Copied::Done)
        } else {
            Err(Error::unavailable(format!("CopyObject: {}", answers::code(answer.body().bytes()))))
        }
    }

    /// Deletes an object. One that does not exist is deleted as well.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn delete(&self, key: &str) -> Result<()> {
        let answer = self.send(&SignedRequest::new(rusty_s3::Method::Delete, key), Bytes::new()).await?;
        found(answer).map(drop)
    }

    /// Lists objects by the start of their keys: at most a thousand, in the order of their keys. `after` is the `next` of the page before.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list(&self, prefix: &str, after: Option<&str>) -> Result<ListedPage> {
        let mut request = SignedRequest::new(rusty_s3::Method::Get, "")
            .query("encoding-type", "url")
            .query("list-type", "2")
            .query("prefix", prefix);
        if let Some(after) = after {
            request = request.query("continuation-token", after);
        }
        answers::page(done(self.send(&request, Bytes::new()).await?)?.body().bytes())
    }

    /// Sends a request up to three times: each leaves the same state when it is repeated.
    async fn send(&self, request: &SignedRequest<'_>, body: Bytes) -> Result<Response> {
        let mut waits = BACKOFF.into_iter();
        loop {
            let failure = match Box::pin(self.send_once(request, body.clone().into())).await? {
                Ok(answer) if !is_transient(answer.status()) => return Ok(answer),
                Ok(answer) => format!("{}: {}", answer.status(), answers::code(answer.body().bytes())),
                Err(HttpError::NoMemory(_)) => return Err(Error::unavailable("S3: no memory is free for an object")),
                Err(HttpError::TooLarge(_)) => {
                    return Err(Error::internal("an object that is read whole is too large"));
                }
                Err(error) => error.to_string(),
            };
            let wait = waits.next().ok_or_else(|| Error::unavailable(format!("S3: {failure}")))?;
            tokio::time::sleep(wait).await;
        }
    }

    async fn send_once(&self, request: &SignedRequest<'_>, body: Body) -> Result<Result<Response, HttpError>> {
        let url = self.sign(request, signing::INTERNAL_LIFETIME).await?;
        let mut builder = http::Request::builder().method(request.method.to_str()).uri(url.as_str());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let mut call = builder.body(body).map_err(Error::internal)?;
        match request.slots {
            Some(slots) => drop(call.extensions_mut().insert(slots.clone())),
            None => drop(call.extensions_mut().insert(Unbudgeted)),
        }
        if request.is_streamed {
            call.extensions_mut().insert(Streamed);
        }
        Ok(self.http.send(call).await)
    }
}

/// True for an answer that another try can change.
fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// Returns the answer of a call that succeeded; `None` if its object does not exist.
fn found(answer: Response) -> Result<Option<Response>> {
    if answer.status() == StatusCode::NOT_FOUND { Ok(None) } else { done(answer).map(Some) }
}

fn done(answer: Response) -> Result<Response> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    Err(Error::internal(format!("S3: {}: {}", answer.status(), answers::code(answer.body().bytes()))))
}

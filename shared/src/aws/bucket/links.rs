//! Links with which a client uploads and downloads an object itself.

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusty_s3::Method;
use std::collections::BTreeMap;
use std::time::Duration;

use super::Bucket;
use super::signing::SignedRequest;
use crate::error::Result;

/// Longest lifetime of a link.
pub const MAX_LINK_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The bytes that a parameter's extended value has percent-encoded: all but `attr-char` of RFC 8187 section 3.2.1.
const NOT_IN_PARAMETERS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A signed request for a client: whoever has it may make the request until it expires.
#[derive(Clone, Debug)]
pub struct Link {
    /// The method.
    pub method: &'static str,
    /// The address with the signature.
    pub url: String,
    /// The headers that the request must have, beside `Content-Length`, which every client sends by itself.
    pub headers: BTreeMap<&'static str, String>,
    /// The end of its validity.
    pub expires_at: Timestamp,
}

/// What an upload must have. S3 refuses another one.
#[derive(Clone, Copy, Debug)]
pub struct UploadTerms<'a> {
    /// The number of bytes.
    pub length: u64,
    /// The media type.
    pub content_type: &'a str,
    /// The SHA-256 of the bytes, in base64.
    pub sha256: Option<&'a str>,
}

impl Bucket {
    /// Returns a link that uploads an object: length, type and checksum are part of the signature.
    ///
    /// # Errors
    /// [`Error::NotConfigured`](crate::error::Error::NotConfigured) without a region; [`Error::Unavailable`](crate::error::Error::Unavailable)
    /// without credentials.
    pub async fn upload_link(&self, key: &str, terms: UploadTerms<'_>) -> Result<Link> {
        let mut request = SignedRequest::new(Method::Put, key)
            .header("content-length", terms.length.to_string())
            .header("content-type", terms.content_type);
        if let Some(sha256) = terms.sha256 {
            request = request.header("x-amz-checksum-sha256", sha256);
        }
        self.link(request).await
    }

    /// Returns a link that downloads an object as a file of a name, never as a page of the bucket's origin.
    ///
    /// # Errors
    /// As [`Bucket::upload_link`].
    pub async fn download_link(&self, key: &str, filename: &str, content_type: &str) -> Result<Link> {
        // https://www.rfc-editor.org/rfc/rfc6266#section-4.3: the extended form alone has every character.
        let filename = utf8_percent_encode(filename, NOT_IN_PARAMETERS);
        let request = SignedRequest::new(Method::Get, key)
            .query("response-content-disposition", format!("attachment; filename*=UTF-8''{filename}"))
            .query("response-content-type", content_type);
        self.link(request).await
    }

    async fn link(&self, mut request: SignedRequest<'_>) -> Result<Link> {
        let lifetime = SignedDuration::from_secs(MAX_LINK_LIFETIME.as_secs().cast_signed());
        let expires_at = self.clock.now() + lifetime;
        let url = self.sign(&request, MAX_LINK_LIFETIME).await?.into();
        request.headers.remove("content-length");
        Ok(Link { method: request.method.to_str(), url, headers: request.headers, expires_at })
    }
}

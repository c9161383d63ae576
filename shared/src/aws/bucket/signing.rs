//! The signature of a request: AWS Signature Version 4 in the query.

use aws_credential_types::provider::ProvideCredentials as _;
use aws_types::SdkConfig;
use rusty_s3::{Method, UrlStyle};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

use super::Bucket;
use crate::error::{Error, Result};
use crate::http::ActionSlots;

/// Lifetime of the signature of an internal call, which is sent at once.
pub(super) const INTERNAL_LIFETIME: Duration = Duration::from_secs(60);

/// A request with all that its signature covers. The maps are in the order in which they are signed.
#[derive(Clone, Debug)]
pub(super) struct SignedRequest<'a> {
    pub(super) method: Method,
    /// The object; empty for the bucket itself.
    key: &'a str,
    query: BTreeMap<&'static str, String>,
    pub(super) headers: BTreeMap<&'static str, String>,
    /// True if the answer is read as a stream.
    pub(super) is_streamed: bool,
    /// The memory of the answer, where it can be long.
    pub(super) slots: Option<&'a ActionSlots>,
}

impl<'a> SignedRequest<'a> {
    pub(super) fn new(method: Method, key: &'a str) -> Self {
        Self { method, key, query: BTreeMap::new(), headers: BTreeMap::new(), is_streamed: false, slots: None }
    }

    pub(super) fn streamed(self) -> Self {
        Self { is_streamed: true, ..self }
    }

    pub(super) fn within(self, slots: &'a ActionSlots) -> Self {
        Self { slots: Some(slots), ..self }
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.insert(name, value.into());
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }
}

impl Bucket {
    pub(super) fn place(&self) -> Result<&rusty_s3::Bucket> {
        self.place.as_deref().ok_or_else(|| Error::NotConfigured("files: there is no AWS_REGION".to_owned()))
    }

    /// Returns the URL of a request, valid from now on for `lifetime`, with the credentials of this moment.
    pub(super) async fn sign(&self, request: &SignedRequest<'_>, lifetime: Duration) -> Result<Url> {
        let place = self.place()?;
        let provider = self.credentials.as_ref().ok_or_else(|| Error::internal("no AWS credentials"))?;
        let credentials = provider.provide_credentials().await.map_err(Error::unavailable)?;
        let SignedRequest { method, key, query, headers, is_streamed: _, slots: _ } = request;
        let url = if key.is_empty() { place.base_url().clone() } else { place.object_url(key) };
        Ok(rusty_s3::signing::sign(
            &self.clock.now(),
            *method,
            url,
            credentials.access_key_id(),
            credentials.secret_access_key(),
            credentials.session_token(),
            place.region(),
            lifetime.as_secs(),
            query.iter().map(|(name, value)| (*name, value.as_str())),
            headers.iter().map(|(name, value)| (*name, value.as_str())),
        ))
    }
}

/// Returns the address of the bucket; `None` without a region, or for a name that is no host name.
pub(super) fn place(name: &str, endpoint: Option<&Url>, aws: &SdkConfig) -> Option<rusty_s3::Bucket> {
    let region = aws.region()?.as_ref().to_owned();
    let (endpoint, style) = match endpoint {
        Some(endpoint) => (endpoint.clone(), UrlStyle::Path),
        None => (regional_endpoint(&region, aws)?, UrlStyle::VirtualHost),
    };
    rusty_s3::Bucket::new(endpoint, style, name.to_owned(), region).ok()
}

/// Returns the endpoint of a region. <https://docs.aws.amazon.com/general/latest/gr/s3.html>
fn regional_endpoint(region: &str, aws: &SdkConfig) -> Option<Url> {
    let service = if aws.use_fips() == Some(true) { "s3-fips" } else { "s3" };
    let stack = if aws.use_dual_stack() == Some(true) { ".dualstack" } else { "" };
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    Url::parse(&format!("https://{service}{stack}.{region}.{suffix}")).ok()
}

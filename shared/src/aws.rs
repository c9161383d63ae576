//! What the three AWS clients share: how they are made, and what their failures mean.

mod connector;
mod lazy_client;

pub use connector::connector;
pub(crate) use connector::prewarm;
pub use lazy_client::LazyClient;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::error::Error as _;
use std::time::Duration;

use crate::error::Error;
use crate::http::Http;

/// The configuration of every client: three tries within a few seconds, so that a route answers before its timeout.
///
/// Traces need nothing of us. The runtime puts the invocation's X-Ray header into `_X_AMZN_TRACE_ID`, from where each client
/// sends it as `x-amzn-trace-id` (`aws_runtime::recursion_detection`), signed like the rest; Lambda's own report of an invocation
/// has it for the log. Providers get only the headers named in `adapters::api` and the adapter: none of them documents this one,
/// and the id of a trace is nobody else's business.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
///
/// Credentials and region are what Lambda puts into the environment, and nothing else is looked for: the SDK's chains would make
/// a client of STS and read profiles at every start. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
pub async fn sdk_config(http: &Http) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(connector(http.clone()))
        .region(EnvironmentVariableRegionProvider::new())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .retry_config(retry_config())
        .timeout_config(timeout_config())
        .load()
        .await
}

/// Three tries with the SDK's own backoff.
pub fn retry_config() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// 3 s a try, connecting included, and 8 s altogether.
pub fn timeout_config() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build()
}

/// Codes that mean "not now": the call was not carried out, or its answer did not come, and trying again is right.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const TRANSIENT_CODES: [&str; 7] = [
    "InternalServerError",
    "InternalServiceError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "Throttling",
];

/// What a failed AWS call means, for every failure its caller has no meaning of its own for.
pub(crate) fn failure<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let passing = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(service) => {
            // What stands before a service may answer without a code.
            service.raw().status().is_server_error()
                || service.err().code().is_some_and(|code| TRANSIENT_CODES.contains(&code))
        }
        _ => false,
    };
    let text = describe(&error);
    if passing { Error::unavailable(text) } else { Error::internal(text) }
}

/// A failed call for the log: its code, or what kept it from having one. Never the answer as it came, as the SDK's own rendering
/// has it: a secret's value can be in there.
pub(crate) fn describe<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if let Some(refused) = error.as_service_error() {
        let code = refused.code().unwrap_or("an error without a code");
        // These words name a role, an action and a thing, which is what one must know. Others may quote the request.
        return match refused.message() {
            Some(words) if code.starts_with("AccessDenied") => format!("{code}: {words}"),
            _ => code.to_owned(),
        };
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Whether the service answered with this error code.
pub(crate) fn has_code<E>(error: &SdkError<E>, code: &str) -> bool
where
    E: ProvideErrorMetadata,
{
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some(code)
}

//! Configuration and errors of the three AWS clients.

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

/// Loads the configuration of all clients: three tries within a few seconds, so that a route responds before its timeout.
///
/// Traces need no code here. The runtime puts the invocation's X-Ray header into `_X_AMZN_TRACE_ID`, from which each client sends it
/// as `x-amzn-trace-id` (`aws_runtime::recursion_detection`), signed like the other headers; Lambda's own report of an invocation
/// has it for the log. Providers receive only the headers named in `adapters::api` and the adapter: none of them documents this
/// header, and a trace id is internal.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
///
/// Credentials and region come from Lambda's environment variables only: the SDK's default chains would create a client of STS and
/// read profiles at every start. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
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

/// Returns the retry configuration: three tries with the SDK's own backoff.
pub fn retry_config() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// Returns the timeouts: 3 s per try, connecting included, and 8 s in total.
pub fn timeout_config() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build()
}

/// Codes of temporary failures: the call was not carried out, or its response was lost, and it can be retried.
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

/// Converts a failed AWS call to an error, for each failure that its caller does not handle itself.
pub(crate) fn failure<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let transient = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(service) => {
            // A proxy in front of the service may respond without a code.
            service.raw().status().is_server_error()
                || service.err().code().is_some_and(|code| TRANSIENT_CODES.contains(&code))
        }
        _ => false,
    };
    let text = describe(&error);
    if transient { Error::unavailable(text) } else { Error::internal(text) }
}

/// Describes a failed call for the log: its code, or the causes if it has none. The response itself, which the SDK's own rendering
/// includes, is left out: it can contain a secret's value.
pub(crate) fn describe<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if let Some(service_error) = error.as_service_error() {
        let code = service_error.code().unwrap_or("an error without a code");
        // These messages name the role, the action and the resource, which the operator needs. Others may quote the request.
        return match service_error.message() {
            Some(message) if code.starts_with("AccessDenied") => format!("{code}: {message}"),
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

/// Returns true if the service responded with this error code.
pub(crate) fn has_code<E>(error: &SdkError<E>, code: &str) -> bool
where
    E: ProvideErrorMetadata,
{
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some(code)
}

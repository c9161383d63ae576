//! What the three AWS clients share: how they are made, and what their failures mean.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use std::time::Duration;

use crate::error::Error;

/// The configuration of every client: three tries within a few seconds, so that a route answers before its timeout.
pub async fn sdk_config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest()).retry_config(retries()).timeout_config(timeouts()).load().await
}

/// Three tries with the SDK's own backoff.
pub fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// 1 s to connect, 3 s a try, 8 s altogether.
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build()
}

/// Codes that mean "not now": the call was not carried out, or its answer did not come, and trying again is right.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const PASSING: [&str; 7] = [
    "InternalServerError",
    "InternalServiceError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "Throttling",
];

/// What a failed AWS call means, for every failure its caller has no meaning of its own for.
pub(crate) fn failure<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let passing = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(service) => service.err().code().is_some_and(|code| PASSING.contains(&code)),
        _ => false,
    };
    let text = DisplayErrorContext(&error).to_string();
    if passing { Error::unavailable(text) } else { Error::internal(text) }
}

/// Whether the service answered with this error code.
pub(crate) fn has_code<E, R>(error: &SdkError<E, R>, code: &str) -> bool
where
    E: ProvideErrorMetadata,
{
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some(code)
}

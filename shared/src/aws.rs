//! Configuration and errors of the three AWS clients, and the bucket of files.

mod bucket;
mod connector;
mod lazy_client;

pub use bucket::{Bucket, Copied, Link, ListedObject, ListedPage, MAX_LINK_LIFETIME, ObjectFacts, UploadTerms};
pub use connector::connector;
pub(crate) use connector::prewarm;
pub use lazy_client::LazyClient;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use std::error::Error as _;
use std::time::Duration;

use crate::error::Error;
use crate::http::Http;

/// Returns the configuration of all clients: three tries within a few seconds, so that a route responds before its timeout.
///
/// Traces need no code here. The runtime puts the invocation's X-Ray header into `_X_AMZN_TRACE_ID`, from which each client sends it
/// as `x-amzn-trace-id` (`aws_runtime::recursion_detection`), signed like the other headers; Lambda's own report of an invocation
/// has it for the log. Providers receive only the headers named in `adapters::api` and the adapter: none of them documents this
/// header, and a trace id is internal.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
///
/// Region, credentials and endpoints come from Lambda's environment variables only, which `variable` reads and which do not change
/// while a process lives: the SDK's default chains would link a client of STS and a parser of profiles into every function, and
/// ask them at every start. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
pub fn sdk_config(http: &Http, variable: fn(&str) -> Option<String>) -> SdkConfig {
    let is_set = |name: &str| variable(name).map(|value| value.eq_ignore_ascii_case("true"));
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(connector(http.clone()))
        .region(variable("AWS_REGION").map(Region::new))
        .retry_config(retry_config())
        .timeout_config(timeout_config())
        .service_config(ServiceVariables(variable));
    config.set_credentials_provider(credentials(variable).map(SharedCredentialsProvider::new));
    config.set_use_fips(is_set("AWS_USE_FIPS_ENDPOINT"));
    config.set_use_dual_stack(is_set("AWS_USE_DUALSTACK_ENDPOINT"));
    config.build()
}

fn credentials(variable: fn(&str) -> Option<String>) -> Option<Credentials> {
    let mut credentials = Credentials::builder()
        .access_key_id(variable("AWS_ACCESS_KEY_ID")?)
        .secret_access_key(variable("AWS_SECRET_ACCESS_KEY")?)
        .provider_name("environment");
    credentials.set_session_token(variable("AWS_SESSION_TOKEN"));
    Some(credentials.build())
}

/// The settings of single services, such as `AWS_ENDPOINT_URL_DYNAMODB`, which precede those of all.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
#[derive(Debug)]
struct ServiceVariables(fn(&str) -> Option<String>);

impl LoadServiceConfig for ServiceVariables {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        (self.0)(&format!("{}_{service}", key.env())).or_else(|| (self.0)(key.env()))
    }
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

//! Presigned URLs (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>). AWS's own crate computes
//! the signature again.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use http::header::HOST;
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use super::Call;
use super::reply::Refusal;
use crate::clock::rfc3339;
use crate::settings::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};

/// The hash of a payload that is not signed.
pub(super) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const MAX_EXPIRES_SECONDS: u64 = 7 * 86_400;
/// The largest difference of a client's clock.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(15);
/// The parameters that the signer adds.
const ADDED_PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// The parameters of a presigned URL.
struct Presigned<'a> {
    access_key: &'a str,
    region: &'a str,
    signed_at: Timestamp,
    expires: Duration,
    signed_headers: Vec<&'a str>,
    token: Option<&'a str>,
    signature: &'a str,
}

impl<'a> Presigned<'a> {
    fn read(call: &'a Call) -> Result<Self, Refusal> {
        let parameter = |name| call.query(name).ok_or_else(|| invalid(&format!("The query lacks {name}.")));
        if call.query("X-Amz-Signature").is_none() {
            return Err(Refusal::access_denied("Access Denied"));
        }
        if parameter("X-Amz-Algorithm")? != ALGORITHM {
            return Err(invalid("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\""));
        }
        let date = parameter("X-Amz-Date")?;
        let signed_at = time(date).ok_or_else(|| invalid("X-Amz-Date must be in the ISO8601 Long Format"))?;
        let credential: Vec<&str> = parameter("X-Amz-Credential")?.split('/').collect();
        let [access_key, day, region, "s3", "aws4_request"] = credential[..] else {
            return Err(invalid("Error parsing the X-Amz-Credential parameter"));
        };
        if !date.starts_with(day) || day.len() != 8 {
            return Err(invalid(
                "Invalid credential date in X-Amz-Credential. This date is not the same as X-Amz-Date",
            ));
        }
        let seconds = parameter("X-Amz-Expires")?.parse().ok().filter(|&seconds| seconds <= MAX_EXPIRES_SECONDS);
        let seconds = seconds.ok_or_else(|| invalid("X-Amz-Expires must be less than a week (in seconds)"))?;
        Ok(Self {
            access_key,
            region,
            signed_at,
            expires: Duration::from_secs(seconds),
            signed_headers: parameter("X-Amz-SignedHeaders")?.split(';').collect(),
            token: call.query("X-Amz-Security-Token"),
            signature: parameter("X-Amz-Signature")?,
        })
    }

    /// Refuses a URL before and after its time.
    fn check_time(&self, now_millis: i64) -> Result<(), Refusal> {
        let now = Timestamp::from_millisecond(now_millis).unwrap_or_default();
        if now.duration_since(self.signed_at) < -MAX_SKEW {
            return Err(Refusal::access_denied("Request is not yet valid"));
        }
        let expires_at = self.signed_at.as_millisecond() + i64::try_from(self.expires.as_millis()).unwrap_or(i64::MAX);
        if now_millis > expires_at {
            return Err(Refusal::access_denied("Request has expired")
                .detail("X-Amz-Expires", &self.expires.as_secs().to_string())
                .detail("Expires", &rfc3339(expires_at))
                .detail("ServerTime", &rfc3339(now_millis)));
        }
        Ok(())
    }

    /// Refuses headers of AWS that the signature does not cover.
    fn check_headers(&self, call: &Call) -> Result<(), Refusal> {
        let names = call.headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
        let unsigned: Vec<&str> = names.filter(|name| !self.signed_headers.contains(name)).collect();
        if unsigned.is_empty() && self.signed_headers.contains(&HOST.as_str()) {
            return Ok(());
        }
        let why = "There were headers present in the request which were not signed";
        Err(Refusal::access_denied(why).detail("HeadersNotSigned", &unsigned.join(", ")))
    }

    /// The signature of the request with the sandbox's secret.
    fn expected_signature(&self, call: &Call) -> Option<String> {
        let token = self.token.map(str::to_owned);
        let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, token, None, "sandbox");
        let identity = credentials.into();
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.expires);
        settings.excluded_headers = None;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("s3")
            .time(SystemTime::from(self.signed_at))
            .settings(settings)
            .build()
            .ok()?
            .into();
        let headers: Vec<(&str, String)> =
            self.signed_headers.iter().filter_map(|name| Some((*name, header(call, name)?))).collect();
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let payload = call.header("x-amz-content-sha256").unwrap_or(UNSIGNED_PAYLOAD).to_owned();
        let method = call.method.as_str();
        let request =
            SignableRequest::new(method, unsigned_url(call), headers, SignableBody::Precomputed(payload)).ok()?;
        Some(sign(request, &parameters).ok()?.into_parts().1)
    }
}

/// Verifies the URL of a request: its key, time, headers and signature.
pub(super) fn verify(call: &Call, now_millis: i64) -> Result<(), Refusal> {
    let presigned = Presigned::read(call)?;
    if presigned.access_key != ACCESS_KEY_ID {
        let why = "The AWS Access Key Id you provided does not exist in our records.";
        return Err(Refusal::new(403, "InvalidAccessKeyId", why));
    }
    presigned.check_time(now_millis)?;
    presigned.check_headers(call)?;
    if presigned.expected_signature(call).as_deref() == Some(presigned.signature) {
        return Ok(());
    }
    let why = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    Err(Refusal::new(403, "SignatureDoesNotMatch", why))
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(400, "AuthorizationQueryParametersError", why)
}

/// Reads a time in the format `20261128T120000Z`.
fn time(text: &str) -> Option<Timestamp> {
    let time = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp())
}

/// The value of a signed header: that of the request, with the host and the length that HTTP gives it.
fn header(call: &Call, name: &str) -> Option<String> {
    match name {
        "host" => Some(call.host().to_owned()),
        "content-length" => call.length.map(|length| length.to_string()),
        _ => {
            let values: Vec<&str> = call.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
            (!values.is_empty()).then(|| values.join(","))
        }
    }
}

/// The URL without the parameters that the signer adds.
fn unsigned_url(call: &Call) -> String {
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let query = call.uri.query().unwrap_or_default().split('&');
    let query: Vec<&str> = query.filter(|pair| !ADDED_PARAMETERS.contains(&name(pair).as_str())).collect();
    format!("http://{}{}?{}", call.host(), call.uri.path(), query.join("&"))
}

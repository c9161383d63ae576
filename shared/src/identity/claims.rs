//! The claims that are read from a token. A claim of another type, or a duplicate claim, is an error.

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, de};
use std::fmt;

/// Claims of a token. RFC 7519 section 4.1.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    pub(super) exp: NumericDate,
    /// A text: a list of issuers is an error.
    pub(super) iss: String,
    pub(super) aud: Option<Audience>,
    /// The client that the token was issued to. RFC 9068 section 2.2.
    pub(super) client_id: Option<String>,
    pub(super) nbf: Option<NumericDate>,
    /// Only its type is checked: the instant of the issue decides nothing.
    #[serde(rename = "iat")]
    _iat: Option<NumericDate>,
    pub(super) scope: Option<String>,
}

/// The claim `aud`: one audience, or a list. RFC 7519 section 4.1.3.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Seconds since the epoch, possibly with a fraction or an exponent. RFC 7519 section 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NumericDate(f64);

impl Claims {
    /// Returns true if the token is meant for one of the audiences. Where `client_id` may stand for the audience, it is read only
    /// if the token has no `aud`, as API Gateway does:
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
    pub(super) fn is_for(&self, audiences: &[String], client_id_as_audience: bool) -> bool {
        let is_accepted = |audience: &String| audiences.contains(audience);
        match &self.aud {
            Some(Audience::One(audience)) => is_accepted(audience),
            Some(Audience::Several(all)) => all.iter().any(is_accepted),
            None => client_id_as_audience && self.client_id.as_ref().is_some_and(is_accepted),
        }
    }
}

impl NumericDate {
    /// Returns the seconds since the epoch.
    pub(super) fn seconds(self) -> f64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumericDateVisitor)
    }
}

struct NumericDateVisitor;

impl Visitor<'_> for NumericDateVisitor {
    type Value = NumericDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seconds since the epoch, as a number")
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<NumericDate, E> {
        // Seconds beyond 2^53 lose their last digits, which decide nothing: they are 285 million years ahead.
        #[expect(clippy::cast_precision_loss, reason = "see the line above")]
        self.visit_f64(seconds as f64)
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<NumericDate, E> {
        // A negative number arrives here only with a fraction or an exponent; without them it has no visitor and is refused.
        if seconds.is_finite() && seconds >= 0.0 {
            Ok(NumericDate(seconds))
        } else {
            Err(E::custom("must not be negative"))
        }
    }
}

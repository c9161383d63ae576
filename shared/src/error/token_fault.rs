//! The reasons why a request is not authenticated.

/// The reason why a request is not authenticated. Its text is for the caller and for the log: it contains nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// The request has no bearer token.
    #[error("The request has no bearer token")]
    Absent,
    /// The text is not a JSON Web Token, or is longer than 8 KiB.
    #[error("The token is malformed")]
    Malformed,
    /// A claim is missing or malformed. The signature is valid.
    #[error("The token's claims are incomplete or malformed")]
    MalformedClaims,
    /// The header names an algorithm that this deployment does not accept.
    #[error("The token's algorithm is not accepted")]
    Algorithm,
    /// The header has a critical extension or a key of its own.
    #[error("The token's header is not accepted")]
    Header,
    /// No key of the issuer verifies the signature.
    #[error("The token is not signed by the issuer")]
    Signature,
    /// The claim `iss` names another issuer.
    #[error("The token has the wrong issuer")]
    Issuer,
    /// The claim `aud` names no audience of this deployment.
    #[error("The token has the wrong audience")]
    Audience,
    /// The time of `exp` has passed.
    #[error("The token has expired")]
    Expired,
    /// The time of `nbf` lies ahead.
    #[error("The token is not yet valid")]
    NotYetValid,
}

impl TokenFault {
    /// All reasons.
    pub const ALL: [Self; 10] = [
        Self::Absent,
        Self::Malformed,
        Self::MalformedClaims,
        Self::Algorithm,
        Self::Header,
        Self::Signature,
        Self::Issuer,
        Self::Audience,
        Self::Expired,
        Self::NotYetValid,
    ];
}

//! The checks of a server on the loopback interface that has no authentication of its own. Any web page can send requests to
//! 127.0.0.1, and a page whose host name resolves to 127.0.0.1 (DNS rebinding) can also read the responses.

use http::{HeaderMap, StatusCode, header};

/// A refused request: the status, and the reason for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: StatusCode,
    /// The reason.
    pub reason: String,
}

/// Refuses a request whose `Host` is not the loopback interface with this port.
///
/// # Errors
/// If the header is absent or names another host.
pub fn check_host(headers: &HeaderMap, port: u16) -> Result<(), Refused> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = authorities(port);
    if own.iter().any(|own| own.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    let reason = format!("this server answers requests for {} only; the Host header is {host:?}", own.join(", "));
    Err(Refused { status: StatusCode::MISDIRECTED_REQUEST, reason })
}

/// Refuses a request that a page of another origin sent: its browser adds `Origin`.
///
/// # Errors
/// If the header is present and names another origin than this server.
pub fn check_origin(headers: &HeaderMap, port: u16) -> Result<(), Refused> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    if authorities(port).iter().any(|own| origin.eq_ignore_ascii_case(&format!("http://{own}"))) {
        return Ok(());
    }
    let reason = format!("web pages of other origins may not use this path; the Origin header is {origin:?}");
    Err(Refused { status: StatusCode::FORBIDDEN, reason })
}

fn authorities(port: u16) -> [String; 3] {
    ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"))
}

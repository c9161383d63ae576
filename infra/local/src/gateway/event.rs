//! The event of a request: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! payload format 2.0.

use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::clock::{Clock, Random};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use crate::template::Route;

/// Content types whose bodies API Gateway passes as text; `text/*` is another. All other bodies are encoded, also JSON that `curl`
/// sends as a form.
const TEXT_TYPES: [&str; 3] = ["application/json", "application/javascript", "application/xml"];

/// Returns the event of a request to a route of the gateway at `port`.
pub(super) fn http_api(parts: &Parts, body: &[u8], route: &Route, port: u16) -> Value {
    let key = format!("{} {}", route.method, route.path);
    let now = Clock::system().now();
    let id: [u8; 11] = Random::system().bytes();
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": parts.uri.path(),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers(parts, port),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": header(HOST),
            "domainPrefix": "local",
            "http": {
                "method": route.method,
                "path": parts.uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": header(USER_AGENT),
            },
            // As API Gateway's: 16 characters that end with `=`.
            "requestId": STANDARD.encode(id),
            "routeKey": key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    let query = query(parts.uri.query().unwrap_or_default());
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query);
    }
    let cookies: Vec<_> = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    if !cookies.is_empty() {
        event["cookies"] = cookies.iter().flat_map(|value| value.split("; ")).collect();
    }
    match std::str::from_utf8(body) {
        Ok("") => {}
        Ok(text) if is_text(header(CONTENT_TYPE)) => event["body"] = text.into(),
        _ => {
            event["body"] = STANDARD.encode(body).into();
            event["isBase64Encoded"] = true.into();
        }
    }
    event
}

fn is_text(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media.starts_with("text/") || TEXT_TYPES.contains(&media.as_str())
}

/// Returns the headers without cookies, which are a field of their own. Values of a repeated header are joined. API Gateway writes
/// the three headers of the connection itself, whatever the caller sends.
fn headers(parts: &Parts, port: u16) -> Map<String, Value> {
    let own = [
        ("x-forwarded-for", "127.0.0.1".to_owned()),
        ("x-forwarded-port", port.to_string()),
        ("x-forwarded-proto", "http".to_owned()),
    ];
    let names = parts.headers.keys().filter(|name| *name != COOKIE);
    let joined = names.map(|name| {
        let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        (name.to_string(), values.collect::<Vec<_>>().join(",").into())
    });
    joined.chain(own.map(|(name, value)| (name.to_owned(), value.into()))).collect()
}

/// Returns the parameters of a query. Values of a repeated parameter are joined.
fn query(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let joined = parameters.entry(name.into_owned());
        joined.and_modify(|joined| *joined = format!("{joined},{value}")).or_insert_with(|| value.into_owned());
    }
    parameters
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn event(request: Request<&[u8]>) -> Value {
        let (parts, body) = request.into_parts();
        let route = Route { method: "POST".to_owned(), path: "/a".to_owned(), function: "f".to_owned() };
        http_api(&parts, body, &route, 9000)
    }

    #[test]
    fn event_has_the_payload_format_2() {
        let request = Request::post("/a?x=1%202&y=a&y=b").header("x-one", "1").header("x-one", "2");
        let request = request.header("cookie", "a=1; b=2").header("host", "127.0.0.1:9000");
        let request = request.header("content-type", "application/json; charset=utf-8");
        let request = request.header("x-forwarded-proto", "h t").body(b"{}".as_slice());
        let event = event(request.unwrap());
        assert_eq!((&event["version"], &event["routeKey"]), (&json!("2.0"), &json!("POST /a")));
        assert_eq!(event["rawQueryString"], "x=1%202&y=a&y=b");
        assert_eq!(event["queryStringParameters"], json!({ "x": "1 2", "y": "a,b" }));
        let expected = json!({
            "x-one": "1,2", "host": "127.0.0.1:9000", "content-type": "application/json; charset=utf-8",
            "x-forwarded-for": "127.0.0.1", "x-forwarded-port": "9000", "x-forwarded-proto": "http"
        });
        assert_eq!(event["headers"], expected);
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
        assert_eq!(event["requestContext"]["requestId"].as_str().map(str::len), Some(16));
    }

    #[test]
    fn bodies_of_other_types_and_bytes_that_are_not_text_are_encoded() {
        for (content_type, body, expected) in [
            ("application/json", [0xff, 0x00].as_slice(), "/wA="),
            ("application/x-www-form-urlencoded", b"{}", "e30="),
            ("", b"{}", "e30="),
        ] {
            let event = event(Request::post("/a").header("content-type", content_type).body(body).unwrap());
            assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(expected), &json!(true)), "{content_type}");
        }
    }
}

//! The event of a request: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! payload format 2.0.

use axum::http::header::{COOKIE, HOST, USER_AGENT};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::clock::{Clock, Random};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use crate::template::Route;

/// Returns the event of a request to a route.
pub(super) fn http_api(parts: &Parts, body: &[u8], route: &Route) -> Value {
    let key = format!("{} {}", route.method, route.path);
    let now = Clock::system().now();
    let id: [u8; 11] = Random::system().bytes();
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": parts.uri.path(),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers(parts),
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
        Ok(text) => event["body"] = text.into(),
        Err(_) => {
            event["body"] = STANDARD.encode(body).into();
            event["isBase64Encoded"] = true.into();
        }
    }
    event
}

/// Returns the headers without cookies, which are a field of their own. Values of a repeated header are joined.
fn headers(parts: &Parts) -> Map<String, Value> {
    let names = parts.headers.keys().filter(|name| *name != COOKIE);
    let joined = names.map(|name| {
        let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        (name.to_string(), values.collect::<Vec<_>>().join(",").into())
    });
    joined.collect()
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
        http_api(&parts, body, &route)
    }

    #[test]
    fn event_has_the_payload_format_2() {
        let request = Request::post("/a?x=1%202&y=a&y=b").header("x-one", "1").header("x-one", "2");
        let request = request.header("cookie", "a=1; b=2").header("host", "127.0.0.1:9000").body(b"{}".as_slice());
        let event = event(request.unwrap());
        assert_eq!((&event["version"], &event["routeKey"]), (&json!("2.0"), &json!("POST /a")));
        assert_eq!(event["rawQueryString"], "x=1%202&y=a&y=b");
        assert_eq!(event["queryStringParameters"], json!({ "x": "1 2", "y": "a,b" }));
        assert_eq!(event["headers"], json!({ "x-one": "1,2", "host": "127.0.0.1:9000" }));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
        assert_eq!(event["requestContext"]["requestId"].as_str().map(str::len), Some(16));
    }

    #[test]
    fn bytes_that_are_not_text_are_encoded() {
        let event = event(Request::post("/a").body([0xff, 0x00].as_slice()).unwrap());
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
    }
}

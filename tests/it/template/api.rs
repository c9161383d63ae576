//! CORS, access logs and throttling of the API.

use serde_json::json;

use super::OPEN_ROUTES;
use super::stack::Stack;

#[test]
fn only_exact_origins_may_call_from_a_browser() {
    let stack = Stack::read();
    let apis: Vec<_> = stack.of_type("AWS::ApiGatewayV2::Api").collect();
    let [(_, api)] = apis[..] else { panic!("one API is expected") };
    let expected = json!({
        "AllowOrigins": { "Ref": "FrontendOrigin" },
        "AllowMethods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
        "AllowHeaders": ["authorization", "content-type", "idempotency-key"],
        "ExposeHeaders": ["idempotent-replayed", "retry-after", "x-request-id"],
        "AllowCredentials": false,
        "MaxAge": 600,
    });
    assert_eq!(api["CorsConfiguration"], expected);
    // No item of the list may be a wildcard or have a path.
    let pattern = stack.parameter("FrontendOrigin")["AllowedPattern"].as_str().unwrap_or_default();
    assert_eq!(pattern, r"^https?://[^/\s*,]+$");
    assert!(stack.parameter("FrontendOrigin")["Default"].is_null(), "the operator must set the origin");
}

#[test]
fn gateway_logs_contain_no_query() {
    let stack = Stack::read();
    for (id, stage) in stack.of_type("AWS::ApiGatewayV2::Stage") {
        let format = stage["AccessLogSettings"]["Format"].as_str().unwrap_or_default();
        assert!(format.contains("$context.requestId"), "{id}");
        for leak in ["$context.path", "querystring", "$context.customDomain", "$context.authorizer.claims", "$input"] {
            assert!(!format.contains(leak), "{id}: {leak} would log codes and states");
        }
    }
}

#[test]
fn connecting_and_open_routes_are_throttled_by_the_gateway() {
    let stack = Stack::read();
    for (id, stage) in stack.of_type("AWS::ApiGatewayV2::Stage") {
        let authorize = OPEN_ROUTES.map(|route| route.replace("callback", "authorize"));
        for route in OPEN_ROUTES.map(ToOwned::to_owned).iter().chain(&authorize) {
            let expected = json!({ "ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 20 });
            assert_eq!(stage["RouteSettings"][route], expected, "{id}: {route}");
        }
    }
}

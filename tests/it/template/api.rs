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
fn addresses_of_pages_are_https_or_of_this_machine() {
    let stack = Stack::read();
    // Origins have no path and no wildcard.
    let origin = r"https://[^/\s*,@?#]+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?";
    let page = r"https://|http://(localhost|127\.0\.0\.1)[:/]";
    for (parameter, pattern) in [
        ("FrontendUrl", format!(r"^({page})[^\s#]+$")),
        ("ConnectPageUrl", format!(r"^(({page})[^\s]+)?$")),
        ("FrontendOrigin", format!("^({origin})$")),
        ("ReturnOrigins", format!("^({origin})?$")),
        ("JwtIssuer", format!(r"^({page})[^\s]+$")),
        ("JwtJwksUrl", format!(r"^({page})[^\s]+$")),
    ] {
        assert_eq!(stack.parameter(parameter)["AllowedPattern"], pattern, "{parameter}");
    }
}

#[test]
fn the_gateways_own_domain_is_off_behind_another_one() {
    let stack = Stack::read();
    for (id, api) in stack.of_type("AWS::ApiGatewayV2::Api") {
        assert_eq!(api["DisableExecuteApiEndpoint"], json!({"Fn::If": ["HasPublicUrl", true, false]}), "{id}");
    }
    let url = stack.output("ApiUrl")["Fn::If"].to_string();
    assert!(url.starts_with(r#"["HasPublicUrl",{"Fn::Sub":"${PublicUrl}/api/plugin-engine"}"#), "{url}");
}

/// The callback's limit is for all people together: a low one lets a stranger keep everyone from connecting.
#[test]
fn strangers_cannot_use_up_the_limits_of_connecting() {
    let stack = Stack::read();
    for (id, stage) in stack.of_type("AWS::ApiGatewayV2::Stage") {
        assert_eq!(
            stage["DefaultRouteSettings"],
            json!({"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}),
            "{id}"
        );
        let own = stage["RouteSettings"].as_object().into_iter().flatten();
        let own: Vec<(&str, i64)> = own
            .map(|(route, limit)| (route.as_str(), limit["ThrottlingRateLimit"].as_i64().unwrap_or_default()))
            .collect();
        let rate = |route: &str| if route.contains("/callback") { 200 } else { 10 };
        let mut expected = OPEN_ROUTES.map(|route| (route, rate(route)));
        expected.sort_unstable();
        let mut own = own;
        own.sort_unstable();
        assert_eq!(own, expected, "{id}");
    }
    let callback = stack.resource("AWS::Serverless::Function", "OauthCallbackFunction");
    let reserved = json!({"Fn::If": ["HasCallbackReservedConcurrency", {"Ref": "CallbackReservedConcurrency"}, {"Ref": "AWS::NoValue"}]});
    assert_eq!(callback["ReservedConcurrentExecutions"], reserved);
}

//! Tests of the gateway over a socket.

use reqwest::header::{HOST, HeaderMap, ORIGIN};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::environment::Variables;

const FRONTEND: &str = "http://localhost:3000";
const OTHER_FRONTEND: &str = "http://localhost:5173";

struct TestGateway {
    _gateway: Gateway,
    folder: PathBuf,
    url: String,
    policy: crate::template::CorsPolicy,
}

impl TestGateway {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let template = Template::read().unwrap();
        // `errors` exits at its start, and the other functions do not exist.
        let folder =
            std::env::temp_dir().join(format!("plugin-engine-gateway-{}", listener.local_addr().unwrap().port()));
        std::fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink("/bin/false", folder.join("errors")).unwrap();
        let timeouts = BTreeMap::from([("errors".to_owned(), Duration::from_secs(10))]);
        let functions = Functions::new(folder.clone(), &timeouts, Variables::new(), folder.join("log"));
        let policy = template.cors.clone();
        let origins = [FRONTEND, OTHER_FRONTEND].map(str::to_owned).to_vec();
        let gateway = Gateway::start(listener, template, functions, origins).unwrap();
        Self { _gateway: gateway, folder, url, policy }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
        let client = Client::builder().no_proxy().build().unwrap();
        let request = client.request(method, format!("{}{path}", self.url));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.headers().clone(), response.text().await.unwrap())
    }
}

impl Drop for TestGateway {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

fn cors_headers(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let cors = headers.iter().filter(|(name, _)| name.as_str().starts_with("access-control-"));
    let mut cors: Vec<_> = cors.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    cors.sort_unstable();
    cors
}

#[tokio::test]
async fn preflights_are_answered_by_the_policy_of_the_template() {
    let gateway = TestGateway::start().await;
    let policy = &gateway.policy;
    let max_age = policy.max_age.unwrap().to_string();
    for origin in [FRONTEND, OTHER_FRONTEND] {
        let asked = [(ORIGIN.as_str(), origin), ("access-control-request-method", "POST")];
        let (status, headers, body) = gateway.send(Method::OPTIONS, "/api/plugin-engine", &asked).await;
        assert_eq!((status, body.as_str()), (204, ""));
        let expected = [
            ("access-control-allow-headers", policy.headers.as_str()),
            ("access-control-allow-methods", &policy.methods),
            ("access-control-allow-origin", origin),
            ("access-control-max-age", &max_age),
        ];
        assert_eq!(cors_headers(&headers), expected);
    }
    for foreign in ["https://attacker.example", "http://localhost:3001", "null"] {
        let (_, headers, _) = gateway.send(Method::OPTIONS, "/api/plugin-engine", &[(ORIGIN.as_str(), foreign)]).await;
        assert_eq!(cors_headers(&headers), [], "{foreign}");
    }
}

#[tokio::test]
async fn unknown_routes_get_the_answer_of_api_gateway() {
    let gateway = TestGateway::start().await;
    let unknown =
        [(Method::GET, "/api/nothing"), (Method::PUT, "/api/plugin-engine"), (Method::GET, "/api/plugin-engine/")];
    for (method, path) in unknown {
        let (status, headers, body) = gateway.send(method.clone(), path, &[(ORIGIN.as_str(), FRONTEND)]).await;
        assert_eq!((status, body.as_str()), (404, r#"{"message":"Not Found"}"#), "{method} {path}");
        assert!(cors_headers(&headers).contains(&("access-control-allow-origin", FRONTEND)), "{headers:?}");
    }
}

#[tokio::test]
async fn a_function_that_exits_gets_the_answer_of_api_gateway() {
    let gateway = TestGateway::start().await;
    let (status, headers, body) =
        gateway.send(Method::GET, "/api/plugin-engine/errors", &[(ORIGIN.as_str(), FRONTEND)]).await;
    assert_eq!((status, body.as_str()), (500, r#"{"message":"Internal Server Error"}"#));
    assert!(cors_headers(&headers).contains(&("access-control-allow-origin", FRONTEND)), "{headers:?}");
    // The Lambda API gives the reason.
    let client = Client::builder().no_proxy().build().unwrap();
    let invoked = client
        .post(format!("{}/2015-03-31/functions/errors/invocations", gateway.url))
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(invoked.status(), 500);
    assert!(invoked.text().await.unwrap().contains("the process exited before its first poll"));
}

#[tokio::test]
async fn requests_for_another_host_are_refused() {
    let gateway = TestGateway::start().await;
    let port = gateway.url.rsplit(':').next().unwrap();
    let rebound = format!("attacker.example:{port}");
    for path in ["/api/plugin-engine", "/2015-03-31/functions/tasks/invocations", LANDING_PAGE] {
        let (status, _, body) = gateway.send(Method::GET, path, &[(HOST.as_str(), &rebound)]).await;
        assert_eq!(status, 421, "{path}: {body}");
        assert!(body.contains("this server answers requests for 127.0.0.1:"), "{body}");
    }
    let own = format!("localhost:{port}");
    assert_eq!(gateway.send(Method::GET, LANDING_PAGE, &[(HOST.as_str(), &own)]).await.0, 200);
}

#[tokio::test]
async fn functions_are_not_invoked_by_pages_of_other_origins() {
    let gateway = TestGateway::start().await;
    let path = "/2015-03-31/functions/process-due-tasks/invocations";
    let client = Client::builder().no_proxy().build().unwrap();
    let post = async |origin: Option<&str>| {
        let request = client.post(format!("{}{path}", gateway.url)).body("{}");
        let request = origin.into_iter().fold(request, |request, origin| request.header(ORIGIN, origin));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), serde_json::from_str::<Value>(&response.text().await.unwrap()).unwrap())
    };
    assert_eq!(post(Some(FRONTEND)).await.0, 403);
    // This gateway has no such function.
    let absent = json!({ "message": "there is no function process-due-tasks" });
    assert_eq!(post(None).await, (404, absent.clone()));
    assert_eq!(post(Some(&gateway.url)).await, (404, absent));
}

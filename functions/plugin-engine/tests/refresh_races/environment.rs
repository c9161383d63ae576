//! The test's environment: store, provider, a user with a Slack connection, and processes of the function that run through all
//! rounds.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::account::AccountId;
use engine::adapters;
use engine::clock::{Clock, Random};
use engine::config::Config;
use engine::deployment::{Deployment, Environment};
use engine::http::Http;
use engine::ids::UserId;
use engine::integrations::{IntegrationManager, ReadyTokens};
use engine::lambda::Request;
use engine::vault::Tokens;
use futures::future::try_join_all;
use jiff::SignedDuration;
use runtime_driver::{Function, Variables};
use sandbox::{Fault, RunningSandbox, Sandbox, settings};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const BINARY: &str = env!("CARGO_BIN_EXE_plugin-engine");
/// The function's timeout, as deployed.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(29);
/// The path of Slack's token endpoint at the sandbox.
const TOKEN_PATH: &str = "/slack/api/oauth.v2.access";
/// The same path below the sandbox's prefix, for faults.
const TOKEN_FAULT_PATH: &str = "/api/oauth.v2.access";
/// The provider's delay of new tokens: long enough for every process to find the old one expired.
const TOKEN_CALL_DELAY_MS: u64 = 150;

/// The environment of the test.
pub(crate) struct TestEnvironment {
    pub(crate) functions: Vec<Function>,
    sandbox: RunningSandbox,
    store: aws_sdk_dynamodb::Client,
    integrations_table: String,
    /// The sort key of the connection.
    connection_key: String,
    user_token: String,
    clock: Clock,
}

impl TestEnvironment {
    /// Starts all parts and waits until each process has polled for its first event.
    pub(crate) async fn start(process_count: usize) -> Self {
        let sandbox = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let store = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
        let variables = variables(&sandbox, &store);
        let config = Config::read(&|name| variables.get(name).cloned()).unwrap();
        let aws = sdk_config(&store).await;
        let store = aws_sdk_dynamodb::Client::new(&aws);
        engine::tables::schema::create_missing(&store, &config.tables).await.unwrap();
        let clock = Clock::system();
        let engine_environment =
            Environment { aws, http: Http::client(), clock: clock.clone(), random: Random::system() };
        let user_token = sandbox.sandbox.sign_token(json!({ "sub": "u1" }));
        let account = connect_slack(Deployment::start(config.clone(), engine_environment), &sandbox, &user_token).await;
        let functions = (0..process_count).map(async |_| {
            let mut function = Function::start(Path::new(BINARY), &variables, FUNCTION_TIMEOUT).await?;
            function.wait_ready().await.map(|()| function)
        });
        let functions = try_join_all(functions).await.unwrap();
        let (integrations_table, connection_key) = (config.tables.integrations, format!("t#slack#a#{account}"));
        Self { functions, sandbox, store, integrations_table, connection_key, user_token, clock }
    }

    /// Expires the current token in the store and at the provider.
    pub(crate) async fn expire_token(&self) {
        self.sandbox.sandbox.expire_tokens("slack");
        self.sandbox.sandbox.fault(Fault::delay("slack", TOKEN_CALL_DELAY_MS).at_path(TOKEN_FAULT_PATH));
        let past = self.clock.now() - SignedDuration::from_secs(1);
        self.store
            .update_item()
            .table_name(&self.integrations_table)
            .key("pk", AttributeValue::S("u1".to_owned()))
            .key("sk", AttributeValue::S(self.connection_key.clone()))
            .update_expression("SET expiresAt = :past")
            .condition_expression("attribute_exists(expiresAt)")
            .expression_attribute_values(":past", AttributeValue::S(past.to_string()))
            .send()
            .await
            .unwrap();
    }

    /// Returns the number of requests to the token endpoint so far, rejected ones included.
    pub(crate) fn token_calls(&self) -> usize {
        self.sandbox.sandbox.call_count(TOKEN_PATH)
    }

    /// Returns the API Gateway event of an intent that fetches messages.
    pub(crate) fn fetch_messages_event(&self) -> Value {
        let path = "/api/plugin-engine";
        let context = json!({ "channel": sandbox::fixtures::slack::GENERAL });
        let body = json!({ "agentId": "a", "tool": "slack", "intent": "fetch_messages", "context": context });
        json!({
            "version": "2.0", "routeKey": format!("POST {path}"), "rawPath": path, "rawQueryString": "",
            "headers": { "content-type": "application/json", "authorization": format!("Bearer {}", self.user_token) },
            "requestContext": {
                "accountId": "1", "apiId": "a", "requestId": "r", "stage": "$default", "timeEpoch": 1_795_000_000_000_u64,
                "http": { "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" }
            },
            "body": body.to_string(), "isBase64Encoded": false
        })
    }
}

/// Stores a ready token, as `POST /integrations` does. Returns its account.
async fn connect_slack(deployment: &'static Deployment, sandbox: &RunningSandbox, token: &str) -> AccountId {
    let adapter = adapters::find("slack").unwrap();
    let granted = sandbox.sandbox.grant("slack", sandbox::fixtures::ALEX, adapter.oauth.scopes).unwrap();
    let tokens = Tokens::new(granted.access_token, Some(granted.refresh_token.into()));
    let scopes = adapter.oauth.scopes.iter().map(|&scope| scope.to_owned()).collect();
    let expires_at = Some(Clock::system().now() + SignedDuration::from_hours(12));
    let ready = ReadyTokens { expires_at, ..ReadyTokens::new(tokens, scopes) };
    let user = verified_user(deployment, token).await;
    let connection = deployment.part::<IntegrationManager>().connect_ready(&user, adapter, ready).await.unwrap();
    connection.account().clone()
}

/// Returns the user of a verified token; there is no other way to construct a [`UserId`].
async fn verified_user(deployment: &'static Deployment, token: &str) -> UserId {
    let event = http::Request::builder().header("authorization", format!("Bearer {token}"));
    Request::new(deployment.part(), event.body(lambda_http::Body::Empty).unwrap()).caller().await.unwrap()
}

/// Returns the function's environment variables, as deployed.
fn variables(sandbox: &RunningSandbox, store: &str) -> Variables {
    let mut variables = settings::engine_variables(&sandbox.issuer(), &sandbox.url);
    let named = [
        // Sixteen processes send intents of one user as fast as they can.
        ("PLUGIN_ENGINE_WRITES_PER_MINUTE", "1000000".to_owned()),
        ("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000000".to_owned()),
        ("PLUGIN_ENGINE_TIMEOUT_SECONDS", FUNCTION_TIMEOUT.as_secs().to_string()),
        ("AWS_ENDPOINT_URL", sandbox.aws_endpoint()),
        ("AWS_ENDPOINT_URL_DYNAMODB", store.to_owned()),
    ];
    variables.extend(settings::aws_variables());
    variables.extend(named.map(|(name, value)| (name.to_owned(), value)));
    variables
}

async fn sdk_config(store: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(engine::aws::connector(Http::client()))
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys("test", "test", None))
        .endpoint_url(store)
        .load()
        .await
}

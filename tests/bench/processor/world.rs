//! A deployment for a benchmark: the engine, an embedded store and the sandbox providers, each on a socket of its own.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use engine::adapters;
use engine::clock::{Clock, Random};
use engine::config::{Config, TableNames};
use engine::engine::Engine;
use engine::http::Http;
use engine::ids::UserId;
use engine::integrations::ReadyTokens;
use engine::intent::Intent;
use engine::lambda::Request;
use engine::processor::{self, DueEvent, Summary};
use engine::scheduler::When;
use engine::vault::Tokens;
use jiff::Timestamp;
use sandbox::world::ALEX;
use sandbox::world::slack::GENERAL;
use sandbox::{Effect, Running, Sandbox, settings};
use serde_json::{Map, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One deployment with some connected users.
pub(crate) struct World {
    pub(crate) engine: &'static Engine,
    pub(crate) aws: SdkConfig,
    pub(crate) tables: TableNames,
    pub(crate) sandbox: Running,
    pub(crate) token: String,
    users: Vec<UserId>,
    calls: Arc<AtomicUsize>,
}

impl World {
    pub(crate) async fn start(users: usize) -> Self {
        let sandbox = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let store = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
        let mut variables = settings::variables(&sandbox.issuer(), &sandbox.url);
        // The longest a processor may run. No bus: what it would be told is no part of the comparison.
        variables.insert("PLUGIN_ENGINE_TIMEOUT_SECONDS".to_owned(), "150".to_owned());
        variables.remove("PLUGIN_ENGINE_EVENT_BUS");
        let config = Config::read(&|name| variables.get(name).cloned()).unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let aws = aws_config::defaults(BehaviorVersion::latest())
            .http_client(crate::counting::client(Arc::clone(&calls)))
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::from_keys("test", "test", None))
            .endpoint_url(store)
            .load()
            .await;
        engine::tables::schema::create_missing(&aws_sdk_dynamodb::Client::new(&aws), &config.tables).await.unwrap();
        let outside = engine::engine::World {
            aws: aws.clone(),
            http: Http::client(),
            clock: Clock::system(),
            random: Random::system(),
        };
        let engine: &'static Engine = Box::leak(Box::new(Engine::new(&config, outside)));
        let adapter = adapters::find("slack").unwrap();
        let token = sandbox.sandbox.grant("slack", ALEX, adapter.oauth.scopes).unwrap().access_token;
        let mut world = Self { engine, aws, tables: config.tables, sandbox, token, users: vec![], calls };
        for user in 0..users {
            let user = world.user(&format!("user-{user}")).await;
            let tokens = Tokens { access: world.token.clone().into(), refresh: None };
            let scopes = adapter.oauth.scopes.iter().map(|&scope| scope.to_owned()).collect();
            let ready = ReadyTokens { tokens, expires_at: None, scopes, metadata: Map::new() };
            engine.integrations.connect(&user, adapter, ready).await.unwrap();
            world.users.push(user);
        }
        world
    }

    /// Only a verified token makes a user.
    async fn user(&self, name: &str) -> UserId {
        let token = self.sandbox.sandbox.token(json!({ "sub": name }));
        let event = http::Request::builder().header("authorization", format!("Bearer {token}"));
        Request::new(event.body(lambda_http::Body::Empty).unwrap()).caller(self.engine).await.unwrap()
    }

    /// Schedules a message that says which task it is of and when it is due.
    pub(crate) async fn schedule(&self, task: usize, due: Timestamp) {
        let text = format!("{task} {}", due.as_millisecond());
        let context = json!({ "channel": GENERAL, "text": text });
        let intent = Intent::parse("agent", "slack", "send_message", context.as_object().cloned()).unwrap();
        let when = When { at: Some(due), recurrence: None };
        let user = &self.users[task % self.users.len()];
        self.engine.scheduler.schedule(user, &intent, when, None).await.unwrap();
    }

    /// What the schedule starts each minute.
    pub(crate) fn run(&self, window: u8) -> impl Future<Output = Summary> + Send + 'static {
        let engine = self.engine;
        async move {
            let event: DueEvent = serde_json::from_value(json!({ "windowSeconds": window })).unwrap();
            processor::run(engine, event, engine.until(0)).await.unwrap()
        }
    }

    /// The messages that reached the provider.
    pub(crate) fn posted(&self) -> Vec<Effect> {
        self.sandbox.sandbox.effects().into_iter().filter(|effect| effect.kind == "message_posted").collect()
    }

    /// DynamoDB calls so far.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

//! The environment of a benchmark: the engine, an embedded store and the sandbox providers, each on its own socket.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use engine::adapters;
use engine::clock::{Clock, Random};
use engine::config::{Config, TableNames};
use engine::deployment::{Deployment, Environment};
use engine::engine::Engine;
use engine::files::NewUpload;
use engine::http::Http;
use engine::ids::UserId;
use engine::integrations::ReadyTokens;
use engine::intent::IntentRequest;
use engine::lambda::{Request, Shell};
use engine::permissions::Caller;
use engine::processor::{self, DueEvent, Summary};
use engine::scheduler::Schedule;
use engine::vault::Tokens;
use jiff::Timestamp;
use sandbox::fixtures::ALEX;
use sandbox::fixtures::slack::GENERAL;
use sandbox::{Effect, Fault, RunningSandbox, Sandbox, settings};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Result;

/// A deployment with users that have a Slack connection.
pub struct BenchEnvironment {
    /// The engine in this process.
    pub engine: &'static Engine,
    shell: &'static Shell,
    /// The configuration of the engine's AWS clients.
    pub aws: SdkConfig,
    /// The engine's tables.
    pub tables: TableNames,
    /// The fake providers and the issuer.
    pub sandbox: RunningSandbox,
    /// The users' Slack token.
    pub slack_token: String,
    /// The users' Slack account.
    pub slack_account: String,
    /// The store's URL.
    pub store_url: String,
    /// Environment variables of the functions, without the AWS ones.
    pub function_variables: BTreeMap<String, String>,
    users: Vec<UserId>,
    calls: Arc<AtomicUsize>,
}

impl BenchEnvironment {
    /// Starts all parts on free ports.
    ///
    /// # Errors
    /// If a part does not start.
    pub async fn start(users: usize) -> Result<Self> {
        let sandbox = Sandbox::new().bind((Ipv4Addr::LOCALHOST, 0).into()).await?;
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let store = format!("http://{}", listener.local_addr()?);
        tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory()?));
        let mut variables = settings::engine_variables(&sandbox.issuer(), &sandbox.url);
        // The maximum time of a processor run. No event bus, because the raw loop publishes no events.
        variables.insert("PLUGIN_ENGINE_TIMEOUT_SECONDS".to_owned(), "150".to_owned());
        variables.remove("PLUGIN_ENGINE_EVENT_BUS");
        let config = Config::read(&|name| variables.get(name).cloned())?;
        let calls = Arc::new(AtomicUsize::new(0));
        let aws = aws_config::defaults(BehaviorVersion::latest())
            .http_client(crate::call_counter::counting_client(Arc::clone(&calls)))
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::from_keys(settings::ACCESS_KEY_ID, settings::SECRET_ACCESS_KEY, None))
            .endpoint_url(&store)
            .load()
            .await;
        engine::tables::schema::create_missing(&aws_sdk_dynamodb::Client::new(&aws), &config.tables).await?;
        let engine_environment =
            Environment { aws: aws.clone(), http: Http::client(), clock: Clock::system(), random: Random::system() };
        let deployment = Deployment::start(config.clone(), engine_environment);
        let engine: &'static Engine = deployment.part();
        let adapter = adapters::find("slack").map_err(|_| "the Slack adapter is missing")?;
        let token = sandbox
            .sandbox
            .grant("slack", ALEX, adapter.oauth.scopes)
            .ok_or("the sandbox granted no token")?
            .access_token;
        let mut environment = Self {
            engine,
            shell: deployment.part(),
            aws,
            tables: config.tables,
            sandbox,
            slack_token: token,
            slack_account: String::new(),
            store_url: store,
            function_variables: variables,
            users: vec![],
            calls,
        };
        for user in 0..users {
            let user = environment.user(&format!("user-{user}")).await?;
            let tokens = Tokens::new(environment.slack_token.clone(), None);
            let ready = ReadyTokens::new(tokens, adapter.oauth.scopes.iter().map(|&scope| scope.to_owned()).collect());
            let connection = engine.integrations.connect_ready(&user, adapter, ready).await?;
            environment.slack_account = connection.account().to_string();
            environment.users.push(user);
        }
        Ok(environment)
    }

    /// Returns the user of a verified token; there is no other way to construct a [`UserId`].
    pub async fn user(&self, name: &str) -> Result<UserId> {
        let event = http::Request::builder().header("authorization", self.authorization(name));
        Ok(Request::new(self.shell, event.body(lambda_http::Body::Empty)?).caller().await?)
    }

    /// Returns the `Authorization` header of a user.
    pub fn authorization(&self, name: &str) -> String {
        format!("Bearer {}", self.sandbox.sandbox.sign_token(json!({ "sub": name })))
    }

    /// Schedules a message whose text is the task's number and due time.
    ///
    /// # Errors
    /// If it is rejected.
    pub async fn schedule(&self, task: usize, due: Timestamp) -> Result<()> {
        let text = format!("{task} {}", due.as_millisecond());
        let context = json!({ "channel": GENERAL, "text": text });
        self.schedule_intent(task % self.users.len(), "send_message", &context, due).await
    }

    /// Schedules an intent of Slack's for one of the users.
    ///
    /// # Errors
    /// If it is rejected.
    pub async fn schedule_intent(&self, user: usize, intent: &str, context: &Value, due: Timestamp) -> Result<()> {
        let intent = IntentRequest {
            agent_id: "agent".to_owned(),
            tool: "slack".to_owned(),
            intent: intent.to_owned(),
            context: context.as_object().cloned(),
            ..IntentRequest::default()
        };
        let schedule = Schedule { at: Some(due), recurrence: None };
        let caller = Caller::user(self.users[user].clone());
        self.engine.intake.schedule_intent(&caller, intent, schedule, None).await?;
        Ok(())
    }

    /// Registers a file of the first user and uploads so many bytes; returns its id.
    ///
    /// # Errors
    /// If it is refused.
    pub async fn upload(&self, size: u64) -> Result<String> {
        let (filename, content_type) = ("large.bin".to_owned(), "application/octet-stream".to_owned());
        let new = NewUpload { filename, content_type, size, sha256: None };
        let (row, link) = self.engine.files.register(&Caller::user(self.users[0].clone()), new).await?;
        let mut request = http::Request::builder().method(link.method).uri(link.url);
        for (name, value) in link.headers {
            request = request.header(name, value);
        }
        let bytes = vec![b'x'; usize::try_from(size)?];
        let answer = Http::client().send(request.body(bytes.into())?).await?;
        if !answer.status().is_success() {
            return Err(format!("the upload of a file: {}", answer.status()).into());
        }
        Ok(row.id.to_string())
    }

    /// Runs the processor, as the schedule does each minute.
    pub fn run_due_tasks(&self, window_seconds: u8) -> impl Future<Output = Result<Summary>> + Send + 'static {
        let (engine, shell) = (self.engine, self.shell);
        async move {
            let event: DueEvent = serde_json::from_value(json!({ "windowSeconds": window_seconds }))?;
            Ok(processor::run(engine, event, shell.deadline(0)).await?)
        }
    }

    /// Delays each further message at the provider by `millis`.
    pub fn delay_provider(&self, millis: u64) {
        if millis > 0 {
            let delay = Fault::delay("slack", millis).at_path("/api/chat.postMessage").times(u32::MAX);
            self.sandbox.sandbox.fault(delay);
        }
    }

    /// Returns the messages that reached the provider.
    pub fn posted_messages(&self) -> Vec<Effect> {
        self.sandbox.sandbox.effects().into_iter().filter(|effect| effect.kind == "message_posted").collect()
    }

    /// Returns the number of DynamoDB calls so far.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

//! A worker: the real engine on its own network. A killed worker is replaced by a new one, as Lambda does.

use engine::clock::{Clock, Random};
use engine::config::Config;
use engine::deployment::{Deployment, Environment as Outside};
use engine::engine::Engine;
use engine::ids::UserId;
use engine::integrations::AccountNaming;
use engine::lambda::{Request, Shell};
use futures::future::{Either, select};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::actions::{PEOPLE, TOOLS};
use crate::network::Network;
use crate::world::World;
use crate::{aws, providers};

/// Time for which a worker runs that was frozen at its timeout.
const AFTER_THAW: Duration = Duration::from_secs(30);

/// The kind of Lambda function that a worker simulates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// The API's routes.
    Route,
    /// The due-task processor.
    Processor,
}

impl Function {
    /// The timeout in the template.
    fn timeout(self) -> Duration {
        Duration::from_secs(if self == Self::Route { 29 } else { 150 })
    }

    fn config(self) -> &'static Config {
        static ROUTE: OnceLock<Config> = OnceLock::new();
        static PROCESSOR: OnceLock<Config> = OnceLock::new();
        let cell = if self == Self::Route { &ROUTE } else { &PROCESSOR };
        cell.get_or_init(|| {
            let variables = variables(self.timeout());
            Config::read(&|name| variables.get(name).cloned()).unwrap()
        })
    }
}

/// The table names of every run.
pub(crate) fn tables() -> engine::config::TableNames {
    Function::Route.config().tables.clone()
}

fn variables(timeout: Duration) -> BTreeMap<String, String> {
    let tools = TOOLS.map(|(tool, _)| tool);
    let clients = tools.map(|tool| {
        (tool, json!({ "clientId": format!("sandbox-{tool}"), "clientSecret": sandbox::fixtures::CLIENT_SECRET }))
    });
    let origins =
        ["gmail", "google", "slack", "notion", "asana"].map(|name| (name, format!("http://localhost/{name}")));
    let named = [
        ("FRONTEND_URL", "http://localhost:3000/".to_owned()),
        ("OAUTH_REDIRECT_URI", "http://localhost:9000/callback".to_owned()),
        ("JWT_ISSUER", "http://localhost/issuer".to_owned()),
        ("JWT_AUDIENCE", "plugin-engine".to_owned()),
        ("JWT_ALGORITHMS", "ES256".to_owned()),
        ("VAULT", "encrypted-column".to_owned()),
        ("KEYRING", json!({ "current": "k1", "k1": "0123456789abcdef0123456789abcdef" }).to_string()),
        ("FLOWS_KEYRING", json!({ "current": "f1", "f1": "abcdef0123456789abcdef0123456789" }).to_string()),
        ("CLIENTS", json!(BTreeMap::from(clients)).to_string()),
        ("PROVIDER_URLS", json!(BTreeMap::from(origins)).to_string()),
        ("EVENT_BUS", "outcomes".to_owned()),
        // A task of a burst has an agent of its own.
        ("AGENTS_PER_USER", "1000".to_owned()),
        ("TIMEOUT_SECONDS", timeout.as_secs().to_string()),
        ("FILES_BUCKET", sandbox::settings::FILES_BUCKET.to_owned()),
    ];
    let named = named.map(|(name, value)| (format!("PLUGIN_ENGINE_{name}"), value));
    named.into_iter().chain([("AWS_ENDPOINT_URL_S3".to_owned(), "http://localhost/s3".to_owned())]).collect()
}

/// One worker, alive or killed.
#[derive(Clone, Debug)]
pub(crate) struct Worker {
    pub(crate) network: Arc<Network>,
    pub(crate) engine: &'static Engine,
    pub(crate) naming: &'static AccountNaming,
    shell: &'static Shell,
    function: Function,
}

impl Worker {
    /// Starts a worker. `seed` is the source of its ids and jitter.
    pub(crate) fn start(network: Arc<Network>, function: Function, seed: u64) -> Self {
        let now = network.world.now();
        let outside = Outside {
            aws: aws::config(&network, seed),
            http: providers::http(&network),
            clock: Clock::simulated(now, network.skew),
            random: Random::seeded(seed),
        };
        // As in production a deployment lives as long as its process; the runs are spread over short-lived processes.
        let deployment = Deployment::start(function.config().clone(), outside);
        Self { network, engine: deployment.part(), naming: deployment.part(), shell: deployment.part(), function }
    }

    /// The deadline of an invocation that starts now, by AWS's clock.
    pub(crate) fn deadline(&self) -> Timestamp {
        let end = self.network.world.now() + SignedDuration::try_from(self.function.timeout()).unwrap_or_default();
        self.shell.deadline(u64::try_from(end.as_millisecond()).unwrap_or_default())
    }

    /// Runs one invocation until it completes, the worker is killed, or the function times out. A frozen worker does not end at its
    /// timeout: nobody has to kill what does not run.
    pub(crate) async fn invoke<T>(&self, what: &str, future: impl Future<Output = T>) -> Option<T> {
        self.network.world.trace(&format!("{} starts {what}", self.network.name));
        let (future, killed) = (pin!(future), pin!(self.network.wait_until_killed()));
        let (mut ending, mut limit) = (select(future, killed), self.function.timeout());
        loop {
            match tokio::time::timeout(limit, &mut ending).await {
                Ok(Either::Left((done, _))) => {
                    self.network.wait_until_thawed().await;
                    return Some(done);
                }
                Ok(Either::Right(_)) => return None,
                Err(_) if self.network.is_frozen() => {
                    self.network.wait_until_thawed().await;
                    limit = AFTER_THAW;
                }
                Err(_) => {
                    self.network.kill("at its timeout");
                    return None;
                }
            }
        }
    }
}

/// The users' ids, which only verified tokens yield.
pub(crate) async fn verified_users() -> Vec<UserId> {
    let world = Arc::new(World::new(0, tables(), crate::mutation::Mutation::None));
    let network = Network::new(&world, "verifier".to_owned(), SignedDuration::ZERO, false);
    let worker = Worker::start(network, Function::Route, 0);
    let mut people = vec![];
    for person in PEOPLE {
        let token = world.sandbox.sign_token(json!({ "sub": person, "exp": world.now().as_second() + 3600 }));
        let request = http::Request::get("/").header("authorization", format!("Bearer {token}"));
        let request = Request::new(worker.shell, request.body(lambda_http::Body::Empty).unwrap());
        people.push(request.caller().await.unwrap());
    }
    people
}

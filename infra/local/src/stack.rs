//! The stack: starts its parts in order, and stops them in the reverse one.

use sandbox::{RunningSandbox, Sandbox};
use serde_json::json;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::client::Client;
use crate::environment::{self, Providers, Variables};
use crate::failure::{Context as _, Failure, Result};
use crate::paths;
use crate::process::ProcessGroup;
use crate::state::State;
use crate::store::{Store, StoreLocation};
use crate::watch;
use crate::{token, tool};

/// How long the first request may take. Everything is built by then: a function starts in under a second.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(90);

/// What to start.
#[derive(Debug)]
pub struct Options {
    /// The port of the API; the sandbox and the store try the two next.
    pub port: Port,
    /// Where the data is.
    pub store_location: StoreLocation,
    /// The issuer's key.
    pub issuer_key: Vec<u8>,
    /// The keyring.
    pub keyring: String,
    /// Who the providers are.
    pub providers: Providers,
    /// Instances a function may have.
    pub concurrency: u8,
    /// Whether a changed source is compiled again.
    pub reload: bool,
    /// Where the functions write; to stderr without one.
    pub log: Option<PathBuf>,
    /// Says what is being done.
    pub report: fn(&str),
}

impl Options {
    /// A stack that shares nothing with another, leaves nothing behind and never acts in a real account, whatever the
    /// environment holds.
    pub fn isolated(report: fn(&str)) -> Self {
        Self {
            port: Port::Free,
            store_location: StoreLocation::Memory,
            issuer_key: Sandbox::generate_issuer_key(),
            keyring: paths::generate_keyring(),
            providers: Providers::sandbox(),
            // One thing after the other: more would only start more processes.
            concurrency: 1,
            reload: false,
            log: None,
            report,
        }
    }
}

/// Which ports.
#[derive(Clone, Copy, Debug)]
pub enum Port {
    /// This one.
    Fixed(u16),
    /// Whichever are free.
    Free,
}

/// A running stack. Dropping it stops everything it started, the functions first.
#[derive(Debug)]
pub struct Stack {
    functions: ProcessGroup,
    /// The providers, the issuer, and the small AWS services.
    pub sandbox: RunningSandbox,
    store: Store,
    variables: Variables,
    /// The API's base URL.
    pub api: String,
    /// The client for it, without a token.
    pub client: Client,
}

impl Stack {
    /// Starts everything and returns when a real request was answered.
    ///
    /// # Errors
    /// Names the part that could not be started.
    pub async fn start(options: Options) -> Result<Self> {
        // First the port: nobody should wait for a build to learn that it is taken.
        let port = reserve_port(options.port).await?;
        let api = format!("http://127.0.0.1:{port}");
        let say = options.report;
        let program = tool::cargo_lambda(&say)?;
        say("building the functions");
        watch::build().await?;

        say("starting the store, the sandbox and the functions");
        let sandbox = Sandbox::with_issuer_key(options.issuer_key).context("the issuer's key")?;
        let sandbox = start_sandbox(sandbox, adjacent_port(options.port, 1)).await?;
        let store =
            Store::start(listen(adjacent_port(options.port, 2)).await.context("the store")?, &options.store_location)?;
        let variables =
            environment::function_variables(&api, &sandbox, &store.url, options.keyring, &options.providers)?;
        store.create_missing(&environment::config(&variables)?.tables).await?;
        let functions = watch::start(&watch::Options {
            program: &program,
            port,
            variables: &variables,
            concurrency: options.concurrency,
            reload: options.reload,
            log: options.log.as_ref(),
        })?;
        let mut stack = Self { functions, sandbox, store, variables, api, client: Client::new()? };
        stack.warm_up().await?;
        Ok(stack)
    }

    /// Where everything is.
    pub fn state(&self) -> State {
        State {
            api: self.api.clone(),
            sandbox: self.sandbox.url.clone(),
            dynamodb: self.store.url.clone(),
            issuer: self.sandbox.issuer(),
            pid: std::process::id(),
            variables: self.variables.clone(),
        }
    }

    /// A user's token.
    ///
    /// # Errors
    /// When the issuer refuses.
    pub async fn token(&self, user: &str) -> Result<String> {
        token::request_token(&self.client, &self.sandbox.issuer(), &json!({ "sub": user })).await
    }

    /// Returns when the functions' server has ended by itself.
    pub async fn wait_for_exit(&mut self) -> Failure {
        loop {
            if let Some(status) = self.functions.exit_status() {
                return Failure::new(format!("cargo lambda watch ended by itself ({status})"));
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn warm_up(&mut self) -> Result<()> {
        let client = self.client.with_token(&self.token("warm-up").await?);
        // One tool: of answers of some 90 KB watch loses one in sixty, as it hands them on before it has them whole.
        let url = format!("{}/api/plugin-engine?tool=gmail", self.api);
        let answered = async {
            loop {
                // Until its server listens.
                match client.get(&url).await {
                    Ok(answer) => return answer.expect_status(200),
                    Err(_) => sleep(Duration::from_millis(25)).await,
                }
            }
        };
        tokio::select! {
            answer = timeout(WARM_UP_TIMEOUT, answered) => match answer {
                Ok(answer) => answer.map(drop).context("the first request"),
                Err(_) => Err(Failure::new(format!("the first request was not answered in {} s", WARM_UP_TIMEOUT.as_secs()))),
            },
            failure = self.wait_for_exit() => Err(failure),
        }
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// A port for a program that binds it itself a moment later.
pub(crate) async fn reserve_port(port: Port) -> Result<u16> {
    let wanted = match port {
        Port::Fixed(port) => port,
        Port::Free => 0,
    };
    let bound = TcpListener::bind(loopback(wanted)).await;
    let bound = bound.and_then(|listener| listener.local_addr()).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            Failure::new(format!("port {wanted} is taken; stop what listens there, or choose another with --port"))
        }
        _ => Failure::new(format!("port {wanted}: {error}")),
    });
    bound.map(|address| address.port())
}

/// The part's own port: next to the API's, the same at every start, so that the issuer's URL and with it earlier tokens stay
/// valid.
fn adjacent_port(port: Port, offset: u16) -> u16 {
    match port {
        Port::Fixed(port) => port.checked_add(offset).unwrap_or(0),
        Port::Free => 0,
    }
}

/// Listens on `port`, or on any free one when it is taken.
pub(crate) async fn listen(port: u16) -> io::Result<TcpListener> {
    match TcpListener::bind(loopback(port)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => TcpListener::bind(loopback(0)).await,
        bound => bound,
    }
}

/// The sandbox on `port`, or on any free one when it is taken.
pub(crate) async fn start_sandbox(sandbox: Sandbox, port: u16) -> Result<RunningSandbox> {
    match sandbox.clone().bind(loopback(port)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => {
            sandbox.bind(loopback(0)).await.context("the sandbox")
        }
        bound => bound.context("the sandbox"),
    }
}

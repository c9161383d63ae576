//! The local stack: starts its parts in order and stops them in reverse order.

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

/// The time limit of the first request. The functions are already built; a start takes less than a second.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(90);

/// The settings of a stack.
#[derive(Debug)]
pub struct Options {
    /// The port of the API. The sandbox and the store use the next two if they are free.
    pub port: Port,
    /// The location of the data.
    pub store_location: StoreLocation,
    /// The issuer's key.
    pub issuer_key: Vec<u8>,
    /// The keyring.
    pub keyring: String,
    /// The providers.
    pub providers: Providers,
    /// The largest number of instances of a function.
    pub concurrency: u8,
    /// True if changed sources are compiled again.
    pub reload: bool,
    /// The log file of the functions; stderr if absent.
    pub log: Option<PathBuf>,
    /// Reports the progress.
    pub report: fn(&str),
}

impl Options {
    /// Returns settings of a stack that shares nothing with another, keeps no data and never uses a real provider.
    pub fn isolated(report: fn(&str)) -> Self {
        Self {
            port: Port::Free,
            store_location: StoreLocation::Memory,
            issuer_key: Sandbox::generate_issuer_key(),
            keyring: paths::generate_keyring(),
            providers: Providers::sandbox(),
            // The requests are sequential: more instances would only start more processes.
            concurrency: 1,
            reload: false,
            log: None,
            report,
        }
    }
}

/// The selection of ports.
#[derive(Clone, Copy, Debug)]
pub enum Port {
    /// This port.
    Fixed(u16),
    /// Any free port.
    Free,
}

/// A running stack. Dropping it stops its parts, the functions first.
#[derive(Debug)]
pub struct Stack {
    functions: ProcessGroup,
    /// The sandbox: providers, issuer, Secrets Manager and EventBridge.
    pub sandbox: RunningSandbox,
    store: Store,
    variables: Variables,
    /// The base URL of the API.
    pub api: String,
    /// A client of the API, without a token.
    pub client: Client,
}

impl Stack {
    /// Starts all parts and waits until a request has been answered.
    ///
    /// # Errors
    /// With the name of the part that could not be started.
    pub async fn start(options: Options) -> Result<Self> {
        // The port is checked first, so that a taken port is reported before the build.
        let port = reserve_port(options.port).await?;
        let api = format!("http://127.0.0.1:{port}");
        let report = options.report;
        let program = tool::cargo_lambda(&report)?;
        report("building the functions");
        watch::build().await?;

        report("starting the store, the sandbox and the functions");
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

    /// Returns the addresses of the parts.
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

    /// Requests a token for a user.
    ///
    /// # Errors
    /// If the issuer refuses.
    pub async fn token(&self, user: &str) -> Result<String> {
        token::request_token(&self.client, &self.sandbox.issuer(), &json!({ "sub": user })).await
    }

    /// Waits until the functions' server exits by itself.
    pub async fn wait_for_exit(&mut self) -> Failure {
        loop {
            if let Some(status) = self.functions.exit_status() {
                return Failure::new(format!("cargo lambda watch exited unexpectedly ({status})"));
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// Sends requests until the first one is answered.
    async fn warm_up(&mut self) -> Result<()> {
        let client = self.client.with_token(&self.token("warm-up").await?);
        // One tool only: watch loses one in sixty responses of about 90 KB, because it forwards them before they are complete.
        let url = format!("{}/api/plugin-engine?tool=gmail", self.api);
        let first_response = async {
            loop {
                // Retry until the server listens.
                match client.get(&url).await {
                    Ok(response) => return response.expect_status(200),
                    Err(_) => sleep(Duration::from_millis(25)).await,
                }
            }
        };
        tokio::select! {
            response = timeout(WARM_UP_TIMEOUT, first_response) => match response {
                Ok(response) => response.map(drop).context("the first request"),
                Err(_) => Err(Failure::new(format!("the first request was not answered in {} s", WARM_UP_TIMEOUT.as_secs()))),
            },
            failure = self.wait_for_exit() => Err(failure),
        }
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Returns a free port for a program that binds it later.
pub(crate) async fn reserve_port(port: Port) -> Result<u16> {
    let requested = match port {
        Port::Fixed(port) => port,
        Port::Free => 0,
    };
    let bound = TcpListener::bind(loopback(requested)).await;
    let bound = bound.and_then(|listener| listener.local_addr()).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(format!(
            "port {requested} is in use; stop the program that listens there, or choose another port with --port"
        )),
        _ => Failure::new(format!("port {requested}: {error}")),
    });
    bound.map(|address| address.port())
}

/// Returns the port of a part: next to the API's port and constant between starts, so that the issuer's URL and its tokens stay valid.
fn adjacent_port(port: Port, offset: u16) -> u16 {
    match port {
        Port::Fixed(port) => port.checked_add(offset).unwrap_or(0),
        Port::Free => 0,
    }
}

/// Listens on `port`, or on any free port if that is in use.
pub(crate) async fn listen(port: u16) -> io::Result<TcpListener> {
    match TcpListener::bind(loopback(port)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => TcpListener::bind(loopback(0)).await,
        bound => bound,
    }
}

/// Starts the sandbox on `port`, or on any free port if that is in use.
pub(crate) async fn start_sandbox(sandbox: Sandbox, port: u16) -> Result<RunningSandbox> {
    match sandbox.clone().bind(loopback(port)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => {
            sandbox.bind(loopback(0)).await.context("the sandbox")
        }
        bound => bound.context("the sandbox"),
    }
}

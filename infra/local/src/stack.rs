//! The local stack: starts its parts in order and stops them in reverse order.

use sandbox::{RunningSandbox, Sandbox, Strangeness};
use serde_json::json;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::bucket::{Bucket, BucketLocation};
use crate::bus::Bus;
use crate::client::Client;
use crate::environment::{self, Endpoints, Providers, Variables};
use crate::failure::{Context as _, Failure, Result};
use crate::functions::Functions;
use crate::gateway::{Cors, Gateway};
use crate::log::print_problems;
use crate::running::{self, StackFolder, State};
use crate::store::{Store, StoreLocation};
use crate::template::Template;
use crate::{build, paths, token};

/// The time limit of the first request. The functions are already built; a start takes less than a second.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(90);

/// The settings of a stack.
#[derive(Debug)]
pub struct Options {
    /// The command that runs the stack.
    pub command: &'static str,
    /// The port of the API. The sandbox, the store and the bucket use the next three if they are free.
    pub port: Port,
    /// True if the data is kept for the next stack at this port.
    pub persistent: bool,
    /// The issuer's key.
    pub issuer_key: Vec<u8>,
    /// The keyring.
    pub keyring: String,
    /// The providers.
    pub providers: Providers,
    /// The strangeness of the sandbox's providers.
    pub strangeness: Strangeness,
    /// Reports the progress.
    pub report: fn(&str),
}

impl Options {
    /// Returns settings of a stack that shares nothing with another, keeps no data and never uses a real provider.
    pub fn isolated(command: &'static str, report: fn(&str)) -> Self {
        Self {
            command,
            port: Port::Free,
            persistent: false,
            issuer_key: Sandbox::generate_issuer_key(),
            keyring: paths::generate_keyring(),
            providers: Providers::sandbox(),
            strangeness: Strangeness::content(),
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

/// A running stack. Dropping it stops its parts, the API first.
#[derive(Debug)]
pub struct Stack {
    _gateway: Gateway,
    _bus: Bus,
    /// The functions.
    pub functions: Functions,
    /// The sandbox: providers, issuer, Secrets Manager and EventBridge.
    pub sandbox: RunningSandbox,
    /// The store.
    pub store: Store,
    /// The bucket of files.
    pub bucket: Bucket,
    variables: Variables,
    /// The base URL of the API.
    pub api: String,
    /// The port of the API.
    pub port: u16,
    /// A client of the API, without a token.
    pub client: Client,
    /// The folder of the stack.
    pub folder: StackFolder,
}

impl Stack {
    /// Starts all parts and waits until a request has been answered.
    ///
    /// # Errors
    /// With the name of the part that could not be started.
    pub async fn start(options: Options) -> Result<Self> {
        // The port is taken first, so that a taken port is reported before the build.
        let listener = listen_at(options.port).await?;
        let port = listener.local_addr().context("the address of the API")?.port();
        let api = format!("http://127.0.0.1:{port}");
        let folder = StackFolder::create(port, options.persistent)?;
        (options.report)("building the functions");
        build::build().await?;

        (options.report)("starting the store, the sandbox and the functions");
        let sandbox = Sandbox::with_issuer_key(options.issuer_key.clone()).context("the issuer's key")?;
        sandbox.set_strangeness(options.strangeness);
        let sandbox = start_sandbox(sandbox, adjacent_port(options.port, 1)).await?;
        let location =
            if options.persistent { StoreLocation::File(folder.join("dynamodb.db")) } else { StoreLocation::Memory };
        let store = Store::start(listen(adjacent_port(options.port, 2)).await.context("the store")?, &location)?;
        let template = Template::read()?;
        let bucket = start_bucket(&options, &folder, &api, &template).await?;
        let endpoints = Endpoints { dynamodb: &store.url, s3: &bucket.url };
        let (keyring, providers) = (options.keyring, options.providers);
        let variables = environment::function_variables(&api, &sandbox, &endpoints, keyring, &providers)?;
        store.create_missing(&environment::config(&variables)?.tables).await?;
        let log = folder.join(running::LOG);
        let functions =
            Functions::new(build::folder()?, &template.timeouts, environment::with_inherited(&variables), log);
        let bus = Bus::start(sandbox.sandbox.clone(), template.rules.clone(), functions.clone());
        let gateway = Gateway::start(listener, template, functions.clone(), environment::frontend_origins())?;
        let client = Client::new()?;
        let (_gateway, _bus) = (gateway, bus);
        let mut stack =
            Self { _gateway, _bus, functions, sandbox, store, bucket, variables, api, port, client, folder };
        stack.warm_up().await.inspect_err(|_| stack.print_problems())?;
        stack.folder.publish(&stack.state(options.command))?;
        Ok(stack)
    }

    /// Returns the environment variables of the functions.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Prints the last problems in the functions' log.
    pub fn print_problems(&self) {
        print_problems(&self.folder.join(running::LOG));
    }

    fn state(&self, command: &str) -> State {
        State {
            command: command.to_owned(),
            port: self.port,
            api: self.api.clone(),
            sandbox: self.sandbox.url.clone(),
            dynamodb: self.store.url.clone(),
            s3: self.bucket.url.clone(),
            issuer: self.sandbox.issuer(),
            pid: std::process::id(),
            log: self.folder.join(running::LOG),
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

    /// Sends the first request.
    async fn warm_up(&self) -> Result<()> {
        let client = self.client.with_token(&self.token("warm-up").await?);
        let url = format!("{}/api/plugin-engine?tools=gmail", self.api);
        let first = timeout(WARM_UP_TIMEOUT, client.get(&url)).await;
        let late = |_| Failure::new(format!("the first request was not answered in {} s", WARM_UP_TIMEOUT.as_secs()));
        first.map_err(late)?.and_then(|response| response.expect_status(200)).map(drop).context("the first request")
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Returns a free port for a program that binds it later.
pub(crate) async fn reserve_port() -> Result<u16> {
    let listener = listen_at(Port::Free).await?;
    Ok(listener.local_addr().context("a free port")?.port())
}

/// Listens on the port of the API.
async fn listen_at(port: Port) -> Result<TcpListener> {
    let requested = match port {
        Port::Fixed(port) => port,
        Port::Free => 0,
    };
    TcpListener::bind(loopback(requested)).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(format!(
            "port {requested} is in use; stop the program that listens there, or choose another port with --port"
        )),
        _ => Failure::new(format!("port {requested}: {error}")),
    })
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

/// Starts the bucket next to the API. The pages that may call the API may upload, and the API's own page.
async fn start_bucket(options: &Options, folder: &StackFolder, api: &str, template: &Template) -> Result<Bucket> {
    let location = match options.persistent {
        true => BucketLocation::Persistent(folder.join("files")),
        false => BucketLocation::Temporary(folder.join("files-in-memory")),
    };
    let origins = environment::frontend_origins().into_iter().chain([api.to_owned()]).collect();
    let cors = Cors { policy: template.files_cors.clone(), origins };
    let listener = listen(adjacent_port(options.port, 3)).await.context("the bucket")?;
    Bucket::start(listener, location, cors)
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

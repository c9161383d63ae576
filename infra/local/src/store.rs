//! The embedded DynamoDB engine, on a socket of its own.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;
use engine::config::TableNames;
use engine::http::Http;
use engine::tables::schema;
use std::error::Error as _;
use std::path::PathBuf;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::failure::{Context as _, Failure, Result};

/// A running engine; it ends with this value, and what was written is then in its file.
#[derive(Debug)]
pub struct Store {
    /// The endpoint.
    pub url: String,
    /// Closing it ends the server.
    _shutdown: oneshot::Sender<()>,
    _server: JoinHandle<Result<()>>,
}

/// Where the data is.
#[derive(Clone, Debug)]
pub enum StoreLocation {
    /// In memory: gone when the store ends.
    Memory,
    /// In this SQLite file.
    File(PathBuf),
}

impl Store {
    /// Opens the data and serves it on `listener`.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn start(listener: TcpListener, place: &StoreLocation) -> Result<Self> {
        let database = match place {
            StoreLocation::Memory => Database::memory().context("the store")?,
            StoreLocation::File(path) => {
                Database::new(&path.to_string_lossy()).context(format_args!("the store in {}", path.display()))?
            }
        };
        let url = format!("http://{}", listener.local_addr().context("the store's address")?);
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            // Either way the sender is gone.
            let _ = stopped.await;
        };
        let serve = dynoxide::server::serve_with_shutdown(listener, database, shutdown);
        let serving = tokio::spawn(async { serve.await.context("the store") });
        Ok(Self { url, _shutdown: stop, _server: serving })
    }

    /// Creates the tables that are not there yet.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn create_missing(&self, names: &TableNames) -> Result<()> {
        // Never by way of the machine's proxy.
        let http = engine::aws::connector(Http::client());
        let config = aws_sdk_dynamodb::Config::builder()
            .http_client(http)
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.url)
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .build();
        let created = schema::create_missing(&aws_sdk_dynamodb::Client::from_conf(config), names).await;
        // The engine's texts are for callers and leave out the cause.
        created.map_err(|error| Failure::new(format!("creating the tables: {error}: {:?}", error.source())))
    }
}

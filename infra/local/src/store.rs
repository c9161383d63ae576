//! The store: an embedded implementation of DynamoDB with its own port.

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

/// A running store. Dropping it stops the server; all writes are then in its file.
#[derive(Debug)]
pub struct Store {
    /// The endpoint.
    pub url: String,
    /// The sender that stops the server when it is dropped.
    _shutdown: oneshot::Sender<()>,
    _server: JoinHandle<Result<()>>,
}

/// The location of the data.
#[derive(Clone, Debug)]
pub enum StoreLocation {
    /// In memory, until the store stops.
    Memory,
    /// In this SQLite file.
    File(PathBuf),
}

impl Store {
    /// Opens the data and serves it on `listener`.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn start(listener: TcpListener, location: &StoreLocation) -> Result<Self> {
        let database = match location {
            StoreLocation::Memory => Database::memory().context("the store")?,
            StoreLocation::File(path) => {
                Database::new(&path.to_string_lossy()).context(format_args!("the store in {}", path.display()))?
            }
        };
        let url = format!("http://{}", listener.local_addr().context("the store's address")?);
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            // A message and a dropped sender both mean shutdown.
            let _ = stopped.await;
        };
        let serve = dynoxide::server::serve_with_shutdown(listener, database, shutdown);
        let serving = tokio::spawn(async { serve.await.context("the store") });
        Ok(Self { url, _shutdown: stop, _server: serving })
    }

    /// Creates the missing tables.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn create_missing(&self, names: &TableNames) -> Result<()> {
        // This client uses no proxy.
        let http = engine::aws::connector(Http::client());
        let config = aws_sdk_dynamodb::Config::builder()
            .http_client(http)
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.url)
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .build();
        let created = schema::create_missing(&aws_sdk_dynamodb::Client::from_conf(config), names).await;
        // The engine's error texts omit the cause, which callers must not see.
        created.map_err(|error| Failure::new(format!("creating the tables: {error}: {:?}", error.source())))
    }
}

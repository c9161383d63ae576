//! The store: an embedded implementation of DynamoDB with its own port.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, AttributeValueUpdate};
use dynoxide::Database;
use engine::config::TableNames;
use engine::http::Http;
use engine::tables::schema;
use std::collections::HashMap;
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
        let created = schema::create_missing(&self.client(), names).await;
        // The engine's error texts omit the cause, which callers must not see.
        created.map_err(|error| Failure::new(format!("creating the tables: {error}: {:?}", error.source())))
    }

    /// Sets these instants of all rows of a table to `past` (unix time in milliseconds), in the place of waiting. Returns the number of
    /// changed rows. An instant is a number, or the start of a position in a sparse index.
    ///
    /// # Errors
    /// If the store refuses.
    pub(crate) async fn set_back(&self, table: &str, attributes: &[&str], past: i64) -> Result<usize> {
        let client = self.client();
        let failure = |error: &dyn std::fmt::Debug| Failure::new(format!("the table {table}: {error:?}"));
        let rows = client.scan().table_name(table).send().await.map_err(|error| failure(&error))?;
        let mut changed = 0;
        for row in rows.items() {
            let set_back = |name: &&str| {
                Some((
                    (*name).to_owned(),
                    AttributeValueUpdate::builder().value(earlier(row.get(*name)?, past)?).build(),
                ))
            };
            let updates: HashMap<_, _> = attributes.iter().filter_map(set_back).collect();
            if updates.is_empty() {
                continue;
            }
            let keys = row.iter().filter(|(name, _)| ["pk", "sk"].contains(&name.as_str()));
            let key = keys.map(|(name, value)| (name.clone(), value.clone())).collect();
            let update = client.update_item().table_name(table).set_key(Some(key)).set_attribute_updates(Some(updates));
            update.send().await.map_err(|error| failure(&error))?;
            changed += 1;
        }
        Ok(changed)
    }

    fn client(&self) -> aws_sdk_dynamodb::Client {
        // This client uses no proxy.
        let http = engine::aws::connector(Http::client());
        let config = aws_sdk_dynamodb::Config::builder()
            .http_client(http)
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.url)
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }
}

/// Returns the value with the instant `past`.
fn earlier(value: &AttributeValue, past: i64) -> Option<AttributeValue> {
    match value {
        AttributeValue::N(_) => Some(AttributeValue::N(past.to_string())),
        // `<milliseconds, 15 digits>#<id>`
        AttributeValue::S(position) => Some(AttributeValue::S(format!("{past:015}#{}", position.split_once('#')?.1))),
        _ => None,
    }
}

//! An emulator of AWS on the loopback interface: API Gateway, Lambda, EventBridge and the other services of the template, in one
//! process without persistent state. It checks no signatures.

mod shim;

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::time::{sleep, timeout};

use crate::client::{Client, HttpResponse};
use crate::environment::{self, Variables};
use crate::failure::{Failure, Result};
use crate::process::ProcessGroup;
use crate::stack::reserve_port;
use shim::SecretsManagerShim;

/// The log file of the emulator, in its folder.
pub const LOG: &str = "emulator.log";

/// The time limit of the start. It takes half a second on an idle machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running emulator. Dropping it stops the emulator and the functions it started.
#[derive(Debug)]
pub struct Emulator {
    group: ProcessGroup,
    /// The emulated services.
    pub services: Services,
    _secrets_shim: SecretsManagerShim,
}

impl Emulator {
    /// Starts the emulator in `folder` on a free port and waits until it answers. Its functions inherit `functions`.
    ///
    /// # Errors
    /// If the emulator does not start.
    pub async fn start(program: &Path, folder: &Path, client: Client, functions: Variables) -> Result<Self> {
        let port = reserve_port().await?.to_string();
        let url = format!("http://127.0.0.1:{port}");
        let folder_text = folder.to_string_lossy().into_owned();
        let own = [
            ("GATEWAY_PORT", port),
            // Without these two settings it listens on every network interface.
            ("BIND_HOST", "127.0.0.1".to_owned()),
            ("IOT_MTLS_ENABLED", "0".to_owned()),
            ("MINISTACK_HOST", "127.0.0.1".to_owned()),
            // The folder for the unpacked code of the functions.
            ("TMPDIR", folder_text.clone()),
            ("STATE_DIR", folder_text),
        ];
        let services = Services { client, url };
        let secrets = SecretsManagerShim::start(services.clone()).await?;
        let mut variables = environment::emulator_variables(&services.url);
        variables.extend(functions);
        variables.insert("AWS_ENDPOINT_URL_SECRETS_MANAGER".to_owned(), secrets.url.clone());
        variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let mut command = Command::new(program);
        command.current_dir(folder);
        let group = ProcessGroup::start(command, &variables, Some(&folder.join(LOG)))?;
        let mut emulator = Self { group, services, _secrets_shim: secrets };
        emulator.wait_until_ready().await?;
        Ok(emulator)
    }

    /// Waits until the health check answers.
    async fn wait_until_ready(&mut self) -> Result<()> {
        let health = format!("{}/_ministack/health", self.services.url);
        let client = self.services.client.clone();
        let ready = async {
            while client.get(&health).await.is_err() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            ready = timeout(START_TIMEOUT, ready) => ready.map_err(|_| Failure::new("the emulator does not answer its health check")),
            failure = self.wait_for_exit() => Err(failure),
        }
    }

    /// Waits until the emulator exits by itself.
    pub async fn wait_for_exit(&mut self) -> Failure {
        loop {
            if let Some(status) = self.group.exit_status() {
                return Failure::new(format!("the emulator exited unexpectedly ({status})"));
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// A client of the emulated services.
#[derive(Clone, Debug)]
pub struct Services {
    client: Client,
    /// The endpoint of all services.
    pub url: String,
}

impl Services {
    /// Calls an operation, `<target of the service>.<operation>`, and returns the response.
    ///
    /// # Errors
    /// If the operation fails.
    pub async fn call(&self, target: &str, body: &Value) -> Result<Value> {
        Ok(self.send(target, body).await?.expect_status(200)?.json)
    }

    async fn send(&self, target: &str, body: &Value) -> Result<HttpResponse> {
        self.client.post_with(&self.url, ("x-amz-target", target), body).await
    }

    /// Invokes a function asynchronously, as EventBridge does in AWS. The emulator's own EventBridge does not handle failures of the
    /// function.
    ///
    /// # Errors
    /// If the event is not accepted.
    pub async fn invoke_async(&self, name: &str, event: &Value) -> Result<()> {
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.url);
        let answer = self.client.post_with(&url, ("x-amz-invocation-type", "Event"), event).await?;
        answer.expect_status(202).map(drop)
    }

    /// Returns the base URL of a deployed HTTP API. In AWS it is `<id>.execute-api.<region>.amazonaws.com`.
    pub fn api_url(&self, id: &str) -> String {
        format!("{}/_aws/execute-api/{id}/$default", self.url)
    }

    /// Receives the messages of a queue, waiting up to 20 s. Received messages are invisible for 30 s.
    ///
    /// # Errors
    /// If the queue does not exist.
    pub async fn receive_messages(&self, queue: &str) -> Result<Vec<String>> {
        let request = json!({ "QueueUrl": queue, "WaitTimeSeconds": 20, "MaxNumberOfMessages": 10 });
        let answer = self.call("AmazonSQS.ReceiveMessage", &request).await?;
        let messages = answer["Messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(messages.iter().filter_map(|message| message["Body"].as_str().map(str::to_owned)).collect())
    }
}

//! An emulator of AWS on the loopback: API Gateway, Lambda, EventBridge and what else the template names, in one process whose
//! state is gone with it. It checks no signatures.

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
use crate::stack::{Port, reserve_port};
use shim::SecretsManagerShim;

/// Where it writes, in its folder.
pub const LOG: &str = "emulator.log";

/// It listens after half a second, later on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running emulator. Dropping it ends it, and every function it started.
#[derive(Debug)]
pub struct Emulator {
    group: ProcessGroup,
    /// Its services.
    pub services: Services,
    _secrets_shim: SecretsManagerShim,
}

impl Emulator {
    /// Starts it in `folder`, on a free port, and returns when it answers. The functions it starts inherit `functions`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(program: &Path, folder: &Path, client: Client, functions: Variables) -> Result<Self> {
        let port = reserve_port(Port::Free).await?.to_string();
        let url = format!("http://127.0.0.1:{port}");
        let folder_text = folder.to_string_lossy().into_owned();
        let own = [
            ("GATEWAY_PORT", port),
            // Without these two it listens on every interface of the machine.
            ("BIND_HOST", "127.0.0.1".to_owned()),
            ("IOT_MTLS_ENABLED", "0".to_owned()),
            ("MINISTACK_HOST", "127.0.0.1".to_owned()),
            // The functions' code is unpacked there.
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

    async fn wait_until_ready(&mut self) -> Result<()> {
        let health = format!("{}/_ministack/health", self.services.url);
        let client = self.services.client.clone();
        let answered = async {
            while client.get(&health).await.is_err() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            answered = timeout(START_TIMEOUT, answered) => answered.map_err(|_| Failure::new("the emulator does not answer")),
            failure = self.wait_for_exit() => Err(failure),
        }
    }

    /// Returns when it has ended by itself.
    pub async fn wait_for_exit(&mut self) -> Failure {
        loop {
            if let Some(status) = self.group.exit_status() {
                return Failure::new(format!("the emulator ended by itself ({status})"));
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Calls operations of the emulated services.
#[derive(Clone, Debug)]
pub struct Services {
    client: Client,
    /// The endpoint of every one.
    pub url: String,
}

impl Services {
    /// Calls one operation, `<service's target>.<operation>`, and returns what it answers.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn call(&self, target: &str, body: &Value) -> Result<Value> {
        Ok(self.send(target, body).await?.expect_status(200)?.json)
    }

    async fn send(&self, target: &str, body: &Value) -> Result<HttpResponse> {
        self.client.post_with(&self.url, ("x-amz-target", target), body).await
    }

    /// Hands an event to a function without waiting for it, as EventBridge does. EventBridge's own events take a shorter way in
    /// the emulator, on which a failure is forgotten.
    ///
    /// # Errors
    /// When the event is not taken.
    pub async fn invoke_async(&self, name: &str, event: &Value) -> Result<()> {
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.url);
        let answer = self.client.post_with(&url, ("x-amz-invocation-type", "Event"), event).await?;
        answer.expect_status(202).map(drop)
    }

    /// The base URL of a deployed HTTP API. AWS has it at a host of its own, `<id>.execute-api.<region>.amazonaws.com`.
    pub fn api_url(&self, id: &str) -> String {
        format!("{}/_aws/execute-api/{id}/$default", self.url)
    }

    /// The messages of a queue that come within 20 seconds; they are gone from it for half a minute.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn receive_messages(&self, queue: &str) -> Result<Vec<String>> {
        let asked = json!({ "QueueUrl": queue, "WaitTimeSeconds": 20, "MaxNumberOfMessages": 10 });
        let answer = self.call("AmazonSQS.ReceiveMessage", &asked).await?;
        let messages = answer["Messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(messages.iter().filter_map(|message| message["Body"].as_str().map(str::to_owned)).collect())
    }
}

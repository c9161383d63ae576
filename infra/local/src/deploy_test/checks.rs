//! Checks of the deploy test in addition to the scenario: the parts of the deployment that AWS provides.

use sandbox::{RunningSandbox, Sandbox};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

use crate::client::HttpResponse;
use crate::deployment::Deployment;
use crate::emulator::Services;
use crate::environment::Providers;
use crate::failure::{Context as _, Failure, Result};
use crate::reporter::StepResult;
use crate::scenario::{Scenario, USER, unexpected};

/// The time limit for the delivery of an event to a queue.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);
/// The name of a job that does not exist.
const INVALID_JOB: &str = "invalid-job";

/// Builds and packages the functions for SAM.
pub(super) async fn pack(deployment: &Deployment<'_>, sandbox: &RunningSandbox) -> StepResult<()> {
    let count = deployment.pack(&sandbox.issuer()).await?;
    Ok(((), format!("{count} functions")))
}

/// Deploys the template and returns the outputs of the stack.
pub(super) async fn deploy(deployment: &Deployment<'_>) -> StepResult<BTreeMap<String, String>> {
    let outputs = deployment.deploy().await?;
    let text = format!("{} outputs", outputs.len());
    Ok((outputs, text))
}

/// A deployed stack, as its operator sees it.
pub(super) struct DeployedStack<'a> {
    pub(super) services: Services,
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) sandbox: &'a RunningSandbox,
}

impl DeployedStack<'_> {
    /// Returns an output of the stack.
    pub(super) fn output(&self, name: &str) -> Result<&str> {
        let value = self.outputs.get(name).map(String::as_str);
        value.ok_or_else(|| Failure::new(format!("the stack has no output {name}")))
    }

    /// Returns the base URL of the deployed API at the emulator. The API's id is the first label of the host in `ApiUrl`.
    pub(super) fn api_url(&self) -> Result<String> {
        let url = Url::parse(self.output("ApiUrl")?).context("the output ApiUrl")?;
        let id = url.host_str().and_then(|host| host.split('.').next()).unwrap_or_default().to_owned();
        Ok(self.services.api_url(&id))
    }

    /// Stores the OAuth clients in their secret, as the operator does after the first deployment.
    pub(super) async fn store_oauth_clients(&self) -> StepResult<()> {
        let secret = self.output("ClientsSecretArn")?;
        let filled = json!({ "SecretId": secret, "SecretString": Providers::sandbox().clients() });
        self.services.call("secretsmanager.PutSecretValue", &filled).await?;
        Ok(((), "into the secret ClientsSecretArn".to_owned()))
    }

    /// Registers the redirect URI with the providers.
    pub(super) fn register_redirect_uri(&self) -> StepResult<()> {
        let uri = self.output("OauthRedirectUri")?;
        self.sandbox.sandbox.register_redirect_uri(uri);
        Ok(((), uri.to_owned()))
    }

    /// Creates a rule on the event bus with a queue as its target, and returns the queue.
    pub(super) async fn subscribe_to_events(&self) -> StepResult<String> {
        let bus = self.output("EventBusName")?;
        let created = self.services.call("AmazonSQS.CreateQueue", &json!({ "QueueName": "outcomes" })).await?;
        let queue = text_at(&created, "/QueueUrl")?;
        let request = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
        let attributes = self.services.call("AmazonSQS.GetQueueAttributes", &request).await?;
        let arn = text_at(&attributes, "/Attributes/QueueArn")?;
        let pattern = json!({ "source": [engine::events::SOURCE] }).to_string();
        let rule = json!({ "Name": "outcomes", "EventBusName": bus, "EventPattern": pattern });
        self.services.call("AWSEvents.PutRule", &rule).await?;
        let target = json!({ "Rule": "outcomes", "EventBusName": bus, "Targets": [{ "Id": "queue", "Arn": arn }] });
        let put = self.services.call("AWSEvents.PutTargets", &target).await?;
        if put["FailedEntryCount"] != 0 {
            return unexpected("an accepted target", &put);
        }
        Ok((queue, format!("a rule on {bus} with a queue as target")))
    }

    /// Checks that API Gateway's authorizer refuses invalid tokens before the engine does, and that only the callback needs none.
    pub(super) async fn check_authorizer(&self, scenario: &Scenario) -> StepResult<()> {
        let url = scenario.url("");
        let other_issuer = Sandbox::with_issuer_key(Sandbox::generate_rsa_issuer_key()).context("another key")?;
        other_issuer.set_base_url(&self.sandbox.url);
        let issuer = &self.sandbox.sandbox;
        let invalid_tokens = [
            ("a forged token", other_issuer.sign_token(json!({ "sub": USER }))),
            ("an expired token", issuer.sign_token(json!({ "sub": USER, "exp": 1 }))),
            ("a token for another audience", issuer.sign_token(json!({ "sub": USER, "aud": "another" }))),
            ("another issuer's token", issuer.sign_token(json!({ "sub": USER, "iss": "https://another.example.com" }))),
        ];
        expect_gateway_refusal(&scenario.anonymous_client.get(&url).await?).context("no token")?;
        for (description, token) in &invalid_tokens {
            expect_gateway_refusal(&scenario.anonymous_client.with_token(token).get(&url).await?)
                .context(description)?;
        }
        scenario
            .anonymous_client
            .get(&scenario.url("/oauth/callback?state=unknown&error=access_denied"))
            .await?
            .expect_status(302)?;
        Ok(((), "401 without a token and for 4 invalid ones; the callback answers 302".to_owned()))
    }

    /// Checks that each connection's tokens are in its secret and in no table.
    pub(super) async fn check_tokens_are_in_secrets(&self) -> StepResult<()> {
        let secrets = self.connection_secrets().await?;
        let mut stored = String::new();
        for secret in &secrets {
            let value = self.services.call("secretsmanager.GetSecretValue", &json!({ "SecretId": secret })).await?;
            stored.push_str(&text_at(&value, "/SecretString")?);
        }
        let tokens = self.issued_tokens();
        let live = tokens.iter().filter(|token| stored.contains(token.as_str())).count();
        if secrets.len() != 2 || live < 2 {
            return unexpected("two secrets with a token each", &format!("{secrets:?} with {live}"));
        }
        for table in ["Integrations", "Tasks", "Errors", "Fallbacks", "Mappings"] {
            let name = self.output(&format!("{table}TableName"))?;
            let rows = self.services.call("DynamoDB_20120810.Scan", &json!({ "TableName": name })).await?.to_string();
            if tokens.iter().any(|token| rows.contains(token.as_str())) {
                return unexpected("no token in any table", &format!("a token in {name}"));
            }
        }
        Ok(((), format!("{} secrets hold {live} tokens, the five tables none", secrets.len())))
    }

    /// Checks that no secret of a connection exists after all tools were disconnected.
    pub(super) async fn check_no_secret_remains(&self) -> StepResult<()> {
        match self.connection_secrets().await?.as_slice() {
            [] => Ok(((), "none".to_owned())),
            secrets => unexpected("no secret of a connection", &secrets.join(", ")),
        }
    }

    /// Waits for the outcome event of the task at the rule's target.
    pub(super) async fn check_task_event(&self, queue: &str, task: &str) -> StepResult<()> {
        let of_task = |event: &Value| event["detail-type"] == "task.completed" && event["detail"]["taskId"] == task;
        let event = self.wait_for_message(queue, of_task).await?;
        if event["source"] != engine::events::SOURCE || event["detail"]["userId"] != USER {
            return unexpected("the event of the task", &event);
        }
        Ok(((), format!("task.completed, {}", event["detail"])))
    }

    /// Sends an invalid event to the processor and checks that it reaches the dead-letter queue.
    pub(super) async fn check_dead_letter_queue(&self) -> StepResult<()> {
        let processor = format!("{}-process-due-tasks", self.output("EventBusName")?);
        self.services.invoke_async(&processor, &json!({ "job": INVALID_JOB })).await?;
        let letter = self
            .wait_for_message(self.output("ProcessorFailuresUrl")?, |message| message.to_string().contains(INVALID_JOB))
            .await?;
        Ok(((), format!("in the dead-letter queue: {}", text_at(&letter, "/requestContext/condition")?)))
    }

    /// Returns the names of the connections' secrets.
    async fn connection_secrets(&self) -> Result<Vec<String>> {
        let listed = self.services.call("secretsmanager.ListSecrets", &json!({})).await?;
        let names = listed["SecretList"].as_array().map(Vec::as_slice).unwrap_or_default();
        let names = names.iter().filter_map(|secret| secret["Name"].as_str());
        Ok(names.filter(|name| name.starts_with("/plugin-engine/dev/")).map(str::to_owned).collect())
    }

    /// Returns every token that the providers issued.
    fn issued_tokens(&self) -> Vec<String> {
        let grants = self.sandbox.sandbox.export_grants();
        let kinds = grants.as_object().into_iter().flat_map(|all| all.values());
        let kinds =
            kinds.flat_map(|provider| ["access_tokens", "refresh_tokens"].map(|kind| provider[kind].as_object()));
        kinds.flatten().flat_map(|tokens| tokens.keys().cloned()).collect()
    }

    /// Waits for a message that matches.
    async fn wait_for_message(&self, queue: &str, matches: impl Fn(&Value) -> bool) -> Result<Value> {
        let found = async {
            loop {
                for message in self.services.receive_messages(queue).await? {
                    let message: Value = serde_json::from_str(&message).context("a message")?;
                    if matches(&message) {
                        return Ok(message);
                    }
                }
            }
        };
        timeout(EVENT_TIMEOUT, found)
            .await
            .map_err(|_| Failure::new(format!("no matching message arrived at {queue}")))?
    }
}

/// Checks that API Gateway itself refused the request: a refusal of the engine has another shape.
fn expect_gateway_refusal(answer: &HttpResponse) -> Result<()> {
    let refusal = answer.clone().expect_status(401)?;
    refusal.expect_value("/message", "Unauthorized")?;
    if refusal.json["error"]["code"].is_null() { Ok(()) } else { unexpected("a refusal of API Gateway", &refusal) }
}

/// Returns the string at a JSON pointer.
fn text_at(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Failure::new(format!("expected a string at {pointer}, got {value}")))
}

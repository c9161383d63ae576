//! What the rehearsal looks at beside the main job: what is AWS's own part.

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

/// How long an event may be on its way to a queue.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);
/// A job that there is not.
const INVALID_JOB: &str = "poison";

/// Builds the functions and lays them out for SAM.
pub(super) async fn pack(deployment: &Deployment<'_>, sandbox: &RunningSandbox) -> StepResult<()> {
    let packed = deployment.pack(&sandbox.issuer()).await?;
    Ok(((), format!("{packed} functions")))
}

/// Deploys; returns the stack's outputs.
pub(super) async fn deploy(deployment: &Deployment<'_>) -> StepResult<BTreeMap<String, String>> {
    let outputs = deployment.deploy().await?;
    let told = format!("{} outputs", outputs.len());
    Ok((outputs, told))
}

/// A deployed stack, from the operator's side.
pub(super) struct DeployedStack<'a> {
    pub(super) services: Services,
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) sandbox: &'a RunningSandbox,
}

impl DeployedStack<'_> {
    /// An output of the stack.
    pub(super) fn output(&self, name: &str) -> Result<&str> {
        let value = self.outputs.get(name).map(String::as_str);
        value.ok_or_else(|| Failure::new(format!("the stack has no output {name}")))
    }

    /// The deployed API's base URL: that of `ApiUrl` in AWS, where the API's id is the first part of the host.
    pub(super) fn api_url(&self) -> Result<String> {
        let url = Url::parse(self.output("ApiUrl")?).context("the output ApiUrl")?;
        let id = url.host_str().and_then(|host| host.split('.').next()).unwrap_or_default().to_owned();
        Ok(self.services.api_url(&id))
    }

    /// What README asks the operator to do after the first deploy.
    pub(super) async fn store_oauth_clients(&self) -> StepResult<()> {
        let secret = self.output("ClientsSecretArn")?;
        let filled = json!({ "SecretId": secret, "SecretString": Providers::sandbox().clients() });
        self.services.call("secretsmanager.PutSecretValue", &filled).await?;
        Ok(((), "into the secret ClientsSecretArn".to_owned()))
    }

    /// With the providers.
    pub(super) fn register_redirect_uri(&self) -> StepResult<()> {
        let uri = self.output("OauthRedirectUri")?;
        self.sandbox.sandbox.register_redirect_uri(uri);
        Ok(((), uri.to_owned()))
    }

    /// A rule of somebody else's on the bus, with a queue as its target; returns the queue.
    pub(super) async fn subscribe_to_events(&self) -> StepResult<String> {
        let bus = self.output("EventBusName")?;
        let made = self.services.call("AmazonSQS.CreateQueue", &json!({ "QueueName": "outcomes" })).await?;
        let queue = text_at(&made, "/QueueUrl")?;
        let asked = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
        let attributes = self.services.call("AmazonSQS.GetQueueAttributes", &asked).await?;
        let arn = text_at(&attributes, "/Attributes/QueueArn")?;
        let pattern = json!({ "source": [engine::events::SOURCE] }).to_string();
        let rule = json!({ "Name": "outcomes", "EventBusName": bus, "EventPattern": pattern });
        self.services.call("AWSEvents.PutRule", &rule).await?;
        let target = json!({ "Rule": "outcomes", "EventBusName": bus, "Targets": [{ "Id": "queue", "Arn": arn }] });
        let put = self.services.call("AWSEvents.PutTargets", &target).await?;
        if put["FailedEntryCount"] != 0 {
            return unexpected("a target that is taken", &put);
        }
        Ok((queue, format!("a rule on {bus}, a queue behind it")))
    }

    /// API Gateway's authorizer refuses in the engine's place; the callback alone is open.
    pub(super) async fn check_authorizer(&self, actor: &Scenario) -> StepResult<()> {
        let url = actor.url("");
        let forger = Sandbox::with_issuer_key(Sandbox::generate_rsa_issuer_key()).context("another key")?;
        forger.set_base_url(&self.sandbox.url);
        let issuer = &self.sandbox.sandbox;
        let bad = [
            ("a forged token", forger.sign_token(json!({ "sub": USER }))),
            ("an expired token", issuer.sign_token(json!({ "sub": USER, "exp": 1 }))),
            ("a token for another audience", issuer.sign_token(json!({ "sub": USER, "aud": "another" }))),
            ("another issuer's token", issuer.sign_token(json!({ "sub": USER, "iss": "https://another.example.com" }))),
        ];
        expect_gateway_refusal(&actor.anonymous_client.get(&url).await?).context("no token")?;
        for (what, token) in &bad {
            expect_gateway_refusal(&actor.anonymous_client.with_token(token).get(&url).await?).context(what)?;
        }
        actor
            .anonymous_client
            .get(&actor.url("/oauth/callback?state=unknown&error=access_denied"))
            .await?
            .expect_status(302)?;
        Ok(((), "401 without one and for 4 bad ones; the callback answers".to_owned()))
    }

    /// Each connection has its secret, which holds the token; no table does.
    pub(super) async fn check_tokens_are_in_secrets(&self) -> StepResult<()> {
        let secrets = self.connection_secrets().await?;
        let mut kept = String::new();
        for secret in &secrets {
            let value = self.services.call("secretsmanager.GetSecretValue", &json!({ "SecretId": secret })).await?;
            kept.push_str(&text_at(&value, "/SecretString")?);
        }
        let tokens = self.issued_tokens();
        let live = tokens.iter().filter(|token| kept.contains(token.as_str())).count();
        if secrets.len() != 2 || live < 2 {
            return unexpected("two secrets with a token each", &format!("{secrets:?} with {live}"));
        }
        for table in ["Integrations", "Tasks", "Errors", "Fallbacks", "Mappings"] {
            let name = self.output(&format!("{table}TableName"))?;
            let rows = self.services.call("DynamoDB_20120810.Scan", &json!({ "TableName": name })).await?.to_string();
            if tokens.iter().any(|token| rows.contains(token.as_str())) {
                return unexpected("no token", &format!("one in {name}"));
            }
        }
        Ok(((), format!("{} secrets hold {live} tokens, the five tables none", secrets.len())))
    }

    /// After both were disconnected.
    pub(super) async fn check_no_secret_remains(&self) -> StepResult<()> {
        match self.connection_secrets().await?.as_slice() {
            [] => Ok(((), "none".to_owned())),
            left => unexpected("no secret of a connection", &left.join(", ")),
        }
    }

    /// An outcome event reached the rule's target.
    pub(super) async fn check_task_event(&self, queue: &str, task: &str) -> StepResult<()> {
        let of_task = |event: &Value| event["detail-type"] == "task.completed" && event["detail"]["taskId"] == task;
        let event = self.wait_for_message(queue, of_task).await?;
        if event["source"] != engine::events::SOURCE || event["detail"]["userId"] != USER {
            return unexpected("the task's own event", &event);
        }
        Ok(((), format!("task.completed, {}", event["detail"])))
    }

    /// An event that no run can read ends in the queue for people.
    pub(super) async fn check_dead_letter_queue(&self) -> StepResult<()> {
        let processor = format!("{}-process-due-tasks", self.output("EventBusName")?);
        self.services.invoke_async(&processor, &json!({ "job": INVALID_JOB })).await?;
        let letter = self
            .wait_for_message(self.output("ProcessorFailuresUrl")?, |it| it.to_string().contains(INVALID_JOB))
            .await?;
        Ok(((), format!("in the dead-letter queue: {}", text_at(&letter, "/requestContext/condition")?)))
    }

    /// The names of the connections' secrets.
    async fn connection_secrets(&self) -> Result<Vec<String>> {
        let listed = self.services.call("secretsmanager.ListSecrets", &json!({})).await?;
        let names = listed["SecretList"].as_array().map(Vec::as_slice).unwrap_or_default();
        let names = names.iter().filter_map(|secret| secret["Name"].as_str());
        Ok(names.filter(|name| name.starts_with("/plugin-engine/dev/")).map(str::to_owned).collect())
    }

    /// Every token the providers gave out.
    fn issued_tokens(&self) -> Vec<String> {
        let grants = self.sandbox.sandbox.export_grants();
        let kinds = grants.as_object().into_iter().flat_map(|all| all.values());
        let kinds = kinds.flat_map(|provider| ["access", "refresh"].map(|kind| provider[kind].as_object()));
        kinds.flatten().flat_map(|tokens| tokens.keys().cloned()).collect()
    }

    /// Waits for a message of this kind.
    async fn wait_for_message(&self, queue: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let found = async {
            loop {
                for message in self.services.receive_messages(queue).await? {
                    let message: Value = serde_json::from_str(&message).context("a message")?;
                    if wanted(&message) {
                        return Ok(message);
                    }
                }
            }
        };
        timeout(EVENT_TIMEOUT, found).await.map_err(|_| Failure::new(format!("nothing of the kind came to {queue}")))?
    }
}

/// The gateway's own words: the engine would name a code.
fn expect_gateway_refusal(answer: &HttpResponse) -> Result<()> {
    let refused = answer.clone().expect_status(401)?;
    refused.expect_value("/message", "Unauthorized")?;
    if refused.json["error"]["code"].is_null() { Ok(()) } else { unexpected("an answer of API Gateway's", &refused) }
}

fn text_at(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Failure::new(format!("expected a text at {pointer}, got {value}")))
}

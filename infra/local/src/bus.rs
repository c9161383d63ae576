//! EventBridge's bus on this machine: delivers the events that match a rule of the template to its function, asynchronously, as in AWS.
//! The sandbox accepts the events and keeps them in its ledger.

use sandbox::{Effect, Sandbox};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::functions::Functions;
use crate::template::BusRule;

/// The time between two looks at the ledger.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// A running delivery. Dropping it ends it.
#[derive(Debug)]
pub struct Bus {
    delivery: JoinHandle<()>,
}

impl Bus {
    /// Delivers the events that the sandbox accepts from now on.
    pub fn start(sandbox: Sandbox, rules: Vec<BusRule>, functions: Functions) -> Self {
        Self { delivery: tokio::spawn(deliver(sandbox, rules, functions)) }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.delivery.abort();
    }
}

async fn deliver(sandbox: Sandbox, rules: Vec<BusRule>, functions: Functions) {
    let mut seen = 0;
    loop {
        for effect in sandbox.effects_after(seen) {
            seen = effect.seq;
            for rule in rules.iter().filter(|rule| matches(rule, &effect)) {
                let (functions, function, event) = (functions.clone(), rule.function.clone(), event_of(&effect));
                // The function's failure is in its log. In AWS it would be repeated once; here the hourly look remains.
                tokio::spawn(async move { functions.invoke(&function, event).await });
            }
        }
        sleep(POLL_INTERVAL).await;
    }
}

fn matches(rule: &BusRule, effect: &Effect) -> bool {
    let has = |list: &[String], value: Option<&str>| value.is_some_and(|value| list.iter().any(|one| one == value));
    effect.provider == "events"
        && has(&rule.sources, effect.request["Source"].as_str())
        && has(&rule.detail_types, Some(&effect.kind))
}

/// The event as EventBridge sends it to a target.
fn event_of(effect: &Effect) -> Value {
    json!({
        "version": "0",
        "id": effect.id,
        "detail-type": effect.kind,
        "source": effect.request["Source"],
        "account": "000000000000",
        "time": effect.at,
        "region": "us-east-1",
        "resources": [],
        "detail": effect.request["Detail"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::environment::Variables;
    use crate::template::Template;
    use std::net::{Ipv4Addr, SocketAddr};
    use tokio::time::timeout;

    #[tokio::test]
    async fn requested_run_starts_and_an_outcome_event_starts_nothing() {
        let sandbox = Sandbox::new().bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let Template { rules, timeouts, .. } = Template::read().unwrap();
        // The program exits at its start.
        let folder = std::env::temp_dir().join(format!("plugin-engine-bus-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink("/bin/false", folder.join("process-due-tasks")).unwrap();
        let functions = Functions::new(folder.clone(), &timeouts, Variables::new(), folder.join("log"));
        let _bus = Bus::start(sandbox.sandbox.clone(), rules, functions.clone());
        let (client, url) = (Client::new().unwrap(), format!("{}/", sandbox.aws_endpoint()));
        let publish = async |source: &str, detail_type: &str| {
            let entry =
                json!({ "Source": source, "DetailType": detail_type, "Detail": "{\"job\":\"resume_waiting\"}" });
            let body = json!({ "Entries": [entry] });
            let answer = client.post_with(&url, ("x-amz-target", "AWSEvents.PutEvents"), &body).await.unwrap();
            assert_eq!(answer.expect_status(200).unwrap().json["FailedEntryCount"], 0);
        };
        publish("plugin-engine", "integration.connected").await;
        publish("another", "resume-waiting-tasks").await;
        sleep(3 * POLL_INTERVAL).await;
        assert!(functions.used().is_empty(), "{:?}", functions.used());
        publish("plugin-engine", "resume-waiting-tasks").await;
        let started = async {
            while functions.used() != ["process-due-tasks"] {
                sleep(POLL_INTERVAL).await;
            }
        };
        timeout(Duration::from_secs(10), started).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

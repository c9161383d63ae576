//! The triggers of the processor: three schedules and its own run requests on the bus.

use std::collections::{BTreeMap, BTreeSet};

use engine::tables::INDEX_SHARDS;
use serde_json::{Value, json};

use super::stack::{Stack, list, referenced_id};
use super::{PROCESSOR, samples};
use crate::support::assert_same;

/// The rules that start the processor, by logical id.
fn rules(stack: &Stack) -> BTreeMap<&str, &Value> {
    stack.of_type("AWS::Events::Rule").collect()
}

/// The single target of a rule: the processor, tried twice, with a dead-letter queue.
fn target<'a>(stack: &Stack, id: &str, rule: &'a Value) -> &'a Value {
    let [target] = list(&rule["Targets"]) else { panic!("{id} does not have exactly one target: {rule}") };
    let started = referenced_id(&target["Arn"]).and_then(|arn| stack.functions().get(arn).copied());
    assert_eq!(started, Some(PROCESSOR), "the target of {id}");
    assert_eq!(referenced_id(&target["DeadLetterConfig"]["Arn"]), Some("ProcessorFailures"), "{id}: DeadLetterConfig");
    assert_eq!(target["RetryPolicy"]["MaximumRetryAttempts"], 1, "{id}: RetryPolicy");
    target
}

#[test]
fn each_job_has_its_schedule_and_a_sample_of_its_input() {
    let stack = Stack::read();
    let mut scheduled = BTreeMap::new();
    for (id, rule) in rules(&stack) {
        let Some(every) = rule["ScheduleExpression"].as_str() else { continue };
        let input = target(&stack, id, rule)["Input"].as_str().unwrap_or_default();
        let input: Value = serde_json::from_str(input).unwrap_or_else(|error| panic!("{id}: Input {input:?}: {error}"));
        assert!(samples::schedule_inputs().contains(&input), "{id}: no sample in events/ is {input}");
        assert_eq!(input["shards"], json!((0..INDEX_SHARDS).collect::<Vec<_>>()), "{id}: every shard");
        scheduled.insert(input["job"].as_str().unwrap_or_default().to_owned(), every);
    }
    let expected =
        [("process_due_tasks", "rate(1 minute)"), ("refresh_tokens", "rate(5 minutes)"), ("sweep", "rate(1 hour)")];
    assert_eq!(scheduled, BTreeMap::from(expected.map(|(job, every)| (job.to_owned(), every))));
    assert_eq!(samples::schedule_inputs().len(), expected.len(), "samples of schedules");
}

#[test]
fn run_requests_on_the_bus_start_the_processor() {
    let stack = Stack::read();
    let rules = rules(&stack);
    let requests: Vec<_> = rules.iter().filter(|(_, rule)| rule["ScheduleExpression"].is_null()).collect();
    let [(id, rule)] = requests[..] else { panic!("one rule of the bus is expected, not {requests:?}") };
    assert!(target(&stack, id, rule)["Input"].is_null(), "{id}: the event itself is the input");
    assert_eq!(referenced_id(&rule["EventBusName"]), Some("EventBus"), "{id}: EventBusName");
    let pattern = json!({"source": [engine::events::SOURCE], "detail-type": [PROCESSOR, "resume-waiting-tasks"]});
    assert_eq!(rule["EventPattern"], pattern, "{id}: EventPattern");
    let events = samples::bus_events();
    assert!(!events.is_empty(), "events/ has no event of the bus");
    for event in events {
        for field in ["source", "detail-type"] {
            assert!(list(&pattern[field]).contains(&event[field]), "{field} of {event}");
        }
    }
}

#[test]
fn only_the_rules_may_start_the_processor_and_fill_its_queue() {
    let stack = Stack::read();
    let sources = |arns: &Value| -> BTreeSet<String> {
        list(arns)
            .iter()
            .map(|arn| referenced_id(arn).unwrap_or_else(|| panic!("{arn} is no Arn")).to_owned())
            .collect()
    };
    let all: BTreeSet<String> = rules(&stack).into_keys().map(ToOwned::to_owned).collect();
    let mut allowed = BTreeSet::new();
    for (id, permission) in stack.of_type("AWS::Lambda::Permission") {
        let function = referenced_id(&permission["FunctionName"]).and_then(|it| stack.functions().get(it).copied());
        if function == Some(PROCESSOR) {
            assert_eq!(permission["Principal"], "events.amazonaws.com", "{id}");
            allowed.extend(sources(&permission["SourceArn"]));
        }
    }
    assert_same("rules", &all, "permissions of the processor", &allowed);
    let policy = stack.resource("AWS::SQS::QueuePolicy", "ProcessorFailuresPolicy");
    let [statement] = list(&policy["PolicyDocument"]["Statement"]) else { panic!("not one statement: {policy}") };
    let senders = sources(&statement["Condition"]["ArnEquals"]["aws:SourceArn"]);
    assert_same("rules", &all, "the queue's policy", &senders);
}

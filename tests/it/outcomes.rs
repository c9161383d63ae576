//! The stated outcome of an effect when a call of its action fails: each call of each action, in turn, before and after the provider applied
//! it. The ledger of the sandbox is the truth: no `none` where it has an effect, no success where it has not.

use crate::support::builders::intent;
use crate::support::responses::{Outcome, TaskStatus};
use crate::support::{CallFault, Counted, FaultyClient, TestApp, TestResponse};
use engine::adapters::action::{ActionDef, Effect};
use engine::adapters::{self, Adapter};
use sandbox::fixtures::slack;
use serde_json::json;
use std::collections::BTreeMap;

const FAULTS: [CallFault; 5] =
    [CallFault::Rejected, CallFault::Unavailable, CallFault::Limited, CallFault::LostBefore, CallFault::LostAfter];

/// A channel without other members.
const NEW_CHANNEL: &str = "outcomes";

/// One run of an action in a deployment of its own.
struct Run {
    app: TestApp,
    client: FaultyClient,
    /// The number of entries of the ledger before the action.
    before: usize,
}

/// The lasting effects of a run: their number by kind. What was prepared and taken back has none.
type LastingEffects = BTreeMap<String, usize>;

impl Run {
    async fn start(adapter: &Adapter, action: &ActionDef, fault: Option<(usize, CallFault)>) -> Self {
        let client = FaultyClient::default();
        let app = TestApp::start_with_client(&[], client.http()).await;
        app.connect("u1", adapter.tool.as_str()).await;
        if action.name == "invite_to_channel" {
            // Everyone is a member of the seed's channels.
            app.submit("u1", intent("slack", "create_channel").with("name", NEW_CHANNEL)).await.succeeded();
        }
        if action.name == "remove_dependencies" {
            let context = action.example();
            app.submit("u1", intent("asana", "add_dependencies").context(context)).await.succeeded();
        }
        client.count_calls(adapter.api.name, Counted::All, fault);
        let before = app.ledger().0.len();
        Self { app, client, before }
    }

    fn lasting_effects(&self, action: &ActionDef) -> LastingEffects {
        let effects = self.app.ledger().0.split_off(self.before);
        let taken_back = |id: &str| {
            let ends = |kind: &str| kind == "draft_deleted" || kind == "page_trashed";
            effects.iter().any(|effect| effect.id == id && (ends(&effect.kind) || effect.request["in_trash"] == true))
        };
        let is_action = |kind: &str| match kind {
            // Resolving a person opens a conversation, which nobody sees.
            "conversation_opened" => action.name == "open_dm",
            // The name of a prepared database's data source.
            "data_source_updated" => action.name == "update_database",
            // An upload that nobody sees: it expires within an hour unless it is attached to a block.
            "file_upload_created" => false,
            kind => !kind.starts_with("token_") && !kind.contains('.') && !kind.contains('-'),
        };
        let mut lasting = LastingEffects::new();
        for effect in &effects {
            let is_undone = action.effect == Effect::Create && taken_back(&effect.id);
            if is_action(&effect.kind) && !is_undone {
                *lasting.entry(effect.kind.clone()).or_default() += 1;
            }
        }
        lasting
    }

    async fn submit(&self, adapter: &Adapter, action: &ActionDef) -> TestResponse {
        let example = match action.name {
            "invite_to_channel" => {
                let context = json!({ "channel": NEW_CHANNEL, "users": [slack::KIM, slack::SAM] });
                intent("slack", action.name).context(context)
            }
            _ => self.app.example(adapter, action),
        };
        self.app.with_advancing_clock(self.app.submit("u1", example)).await
    }
}

/// True if there is only what was prepared for an effect that did not happen, which the processor discards.
fn is_prepared(action: &ActionDef, lasting: &LastingEffects) -> bool {
    let prepared = ["draft_created", "page_created", "database_created"];
    action.stores_checkpoint && lasting.keys().all(|kind| prepared.contains(&kind.as_str()))
}

/// Compares what the engine says with the ledger; returns the contradictions.
async fn check(
    adapter: &Adapter,
    action: &ActionDef,
    clean: &LastingEffects,
    fault: (usize, CallFault),
) -> Vec<String> {
    let run = Run::start(adapter, action, Some(fault)).await;
    let mut wrong = vec![];
    let answer = run.submit(adapter, action).await;
    let mut contradicts = |said: &str, why: &str, lasting: &LastingEffects| {
        let name = action.name;
        wrong.push(format!("{}.{name}, call {}, {:?}: {said}, {why}: {lasting:?}", adapter.tool, fault.0, fault.1));
    };
    let lasting = run.lasting_effects(action);
    let repeats = action.effect == Effect::Idempotent;
    let is_done = |lasting: &LastingEffects| match repeats {
        true => clean.keys().all(|kind| lasting.contains_key(kind)),
        false => lasting == clean,
    };
    let (success, outcome) = (answer.body["success"] == true, answer.body["error"]["outcome"].clone());
    match (success, outcome.as_str()) {
        (true, _) if !is_done(&lasting) => contradicts("done", "the ledger differs", &lasting),
        (false, Some("none")) if !lasting.is_empty() && !is_prepared(action, &lasting) => {
            contradicts("none", "the ledger has effects", &lasting)
        }
        (false, Some("partial")) if lasting.is_empty() => contradicts("partial", "the ledger has none", &lasting),
        _ => {}
    }
    let Some(id) = answer.body["metadata"]["taskId"].as_str() else { return wrong };
    for _ in 0..6 {
        run.app.with_advancing_clock(run.app.run_processor_after(70)).await;
    }
    let (task, lasting) = (run.app.task(id).await, run.lasting_effects(action));
    let said = task.last_error.as_ref().map(|error| error.outcome);
    match (task.status, said) {
        (TaskStatus::Completed, _) if !is_done(&lasting) => contradicts("completed", "the ledger differs", &lasting),
        (TaskStatus::Failed, Some(Outcome::None)) if !lasting.is_empty() => {
            contradicts("failed, none", "the ledger has effects", &lasting);
        }
        _ => {}
    }
    if !repeats && lasting.iter().any(|(kind, count)| clean.get(kind).is_none_or(|once| count > once)) {
        contradicts("at most once", "the ledger has more", &lasting);
    }
    wrong
}

/// Runs every action of a tool that has an effect, with a fault at each of its calls.
async fn check_all(tool: &str) {
    let adapter = adapters::find(tool).unwrap();
    let (mut wrong, mut runs) = (vec![], 0);
    for action in adapter.actions.iter().filter(|action| action.effect != Effect::Read) {
        let run = Run::start(adapter, action, None).await;
        run.submit(adapter, action).await.succeeded();
        let (clean, calls) = (run.lasting_effects(action), run.client.seen());
        assert!(calls > 0 && !clean.is_empty(), "{}: {calls} calls, {clean:?}", action.name);
        for call in 1..=calls {
            for fault in FAULTS {
                wrong.extend(check(adapter, action, &clean, (call, fault)).await);
                runs += 1;
            }
        }
    }
    assert!(runs > 30, "{runs} runs");
    assert!(wrong.is_empty(), "{} of {runs} runs contradict the ledger:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn no_outcome_of_gmail_contradicts_the_ledger() {
    check_all("gmail").await;
}

#[tokio::test]
async fn no_outcome_of_notion_contradicts_the_ledger() {
    check_all("notion").await;
}

#[tokio::test]
async fn no_outcome_of_slack_contradicts_the_ledger() {
    check_all("slack").await;
}

#[tokio::test]
async fn no_outcome_of_asana_contradicts_the_ledger() {
    check_all("asana").await;
}

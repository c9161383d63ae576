//! The fate of each create when a response of it is lost after the provider applied it. The table of the guarantees' page is made
//! from this run.

use crate::reading::markdown::Page;
use crate::support::responses::TaskStatus;
use crate::support::{CallFault, Counted, FaultyClient, TestApp};
use engine::adapters::action::{ActionDef, Effect};
use engine::adapters::{self, Adapter};
use std::collections::BTreeMap;

/// Maximum number of creates of which a person must look at a lost response.
const MAX_FOR_A_PERSON: usize = 2;

/// The result of a lost response, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Promise {
    DoneAtOnce,
    DoneLater,
    TakenBack,
    NeedsPerson,
}

impl Promise {
    fn text(self) -> &'static str {
        match self {
            Self::DoneAtOnce => "done, in the answer",
            Self::DoneLater => "done, by a later reconciliation",
            Self::TakenBack => "not done: a later reconciliation takes back what was prepared",
            Self::NeedsPerson => "a person must look",
        }
    }
}

/// Loses the response of one call with an effect; `None` if the action makes fewer.
async fn lose_response(adapter: &Adapter, action: &ActionDef, call: usize) -> Option<Promise> {
    let client = FaultyClient::default();
    let app = TestApp::start_with_client(&[], client.http()).await;
    app.connect("u1", adapter.tool.as_str()).await;
    client.count_calls(adapter.api.name, Counted::Writes, Some((call, CallFault::LostAfter)));
    let answer = app.submit("u1", app.example(adapter, action)).await;
    if client.seen() < call {
        return None;
    }
    if answer.body["success"] == true {
        return Some(Promise::DoneAtOnce);
    }
    // A preparation whose response was lost had no effect; an immediate intent is not made up for.
    if answer.body["error"]["outcome"] == "none" {
        return Some(Promise::DoneAtOnce);
    }
    let id = answer.body["metadata"]["taskId"].as_str().expect("a journaled intent").to_owned();
    for _ in 0..40 {
        app.run_processor_after(70).await;
    }
    let task = app.task(&id).await;
    match task.status {
        TaskStatus::Completed => Some(Promise::DoneLater),
        TaskStatus::Failed => Some(Promise::TakenBack),
        TaskStatus::NeedsAttention => Some(Promise::NeedsPerson),
        other => panic!("{}.{} is {other:?} after a lost response of call {call}", adapter.tool, action.name),
    }
}

#[tokio::test]
async fn documented_promises_are_those_of_a_run() {
    let mut promises = BTreeMap::new();
    for adapter in adapters::ALL {
        for action in adapter.actions.iter().filter(|action| action.effect == Effect::Create) {
            let mut worst = Promise::DoneAtOnce;
            for call in 1..10 {
                let Some(promise) = lose_response(adapter, action, call).await else { break };
                worst = worst.max(promise);
            }
            promises.insert(format!("{}.{}", adapter.tool, action.name), worst);
        }
    }
    assert_eq!(promises.len(), 26);
    let rows = promises.iter().map(|(name, promise)| format!("| `{name}` | {} |", promise.text())).collect::<Vec<_>>();
    let page = Page::read("shared/docs/guarantees.md");
    let written = page.table("What a lost response becomes").iter();
    let written: Vec<_> = written.map(|row| format!("| `{}` | {} |", row[0].code.concat(), row[1].source)).collect();
    assert!(written == rows, "the table of the run:\n{}", rows.join("\n"));
    let for_a_person = promises.values().filter(|promise| **promise == Promise::NeedsPerson).count();
    assert!(for_a_person <= MAX_FOR_A_PERSON, "{for_a_person} of 23 creates need a person: {promises:?}");
}

//! The own tools: tools of a model that act on the engine itself. They do what the routes do, by the same parts of the engine.
//!
//! An own tool is one file: a struct, an output, meta data, `run`. A model reads the doc comments of the struct and of its fields.

mod cancel_task;
mod context_key;
mod definition;
mod dry_run;
mod find_keys;
mod input;
mod list_connections;
mod list_errors;
mod list_tasks;
mod names;
mod retry_task;
mod save_key;
mod schedule_action;
mod show_task;
mod start_connect;
mod task_view;

pub use crate::adapters::action::Hints;
pub use definition::{Done, OwnCall, OwnTool, OwnToolDef, OwnToolMeta, Ran};
pub use input::{as_arguments, in_terms_of_arguments};
pub use names::{action_tool_name, find_action};

use crate::config::ConnectPage;
use crate::context_mapper::ContextMapper;
use crate::deployment::{Deployment, Part};
use crate::engine::Engine;
use crate::integrations::ConsentStarter;
use crate::scheduler::TaskWaits;
use crate::wording::counted;

/// The start of the name of every own tool. No tool of a provider has this name.
pub const PREFIX: &str = "engine_";

/// The own tools, in the order in which a catalogue lists them.
pub static ALL: &[OwnToolDef] = &[
    OwnToolDef::of::<schedule_action::ScheduleAction>(),
    OwnToolDef::of::<list_tasks::ListTasks>(),
    OwnToolDef::of::<show_task::ShowTask>(),
    OwnToolDef::of::<cancel_task::CancelTask>(),
    OwnToolDef::of::<retry_task::RetryTask>(),
    OwnToolDef::of::<dry_run::DryRun>(),
    OwnToolDef::of::<list_connections::ListConnections>(),
    OwnToolDef::of::<start_connect::StartConnect>(),
    OwnToolDef::of::<save_key::SaveKey>(),
    OwnToolDef::of::<find_keys::FindKeys>(),
    OwnToolDef::of::<list_errors::ListErrors>(),
];

/// The parts of the engine that the own tools use.
#[derive(Debug)]
pub struct OwnTools {
    engine: &'static Engine,
    mapper: &'static ContextMapper,
    consents: &'static ConsentStarter,
    waits: &'static TaskWaits,
    connect_page: Option<ConnectPage>,
}

impl Part for OwnTools {
    fn build(deployment: &Deployment) -> Self {
        Self {
            engine: deployment.part(),
            mapper: deployment.part(),
            consents: deployment.part(),
            waits: deployment.part(),
            connect_page: deployment.config.connect_page.clone(),
        }
    }
}

/// Returns the own tool of a name.
pub fn find(name: &str) -> Option<&'static OwnToolDef> {
    ALL.iter().find(|tool| tool.name() == name)
}

/// Returns the sentence about a page of a list.
fn listed(count: usize, noun: &str, cursor: Option<&str>) -> String {
    let more = cursor.map_or("", |_| "; there are more behind the cursor");
    format!("{}{more}.", counted(count, noun))
}

#[cfg(test)]
mod tests;

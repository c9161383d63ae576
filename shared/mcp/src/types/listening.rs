//! A subscription to changes.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions>.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::task::Task;

/// Kinds of changes that a client subscribes to.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#subscriptionfilter>.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// Changes of the list of tools.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tools_list_changed: bool,
    /// Changes of the list of prompts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prompts_list_changed: bool,
    /// Changes of the list of resources.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resources_list_changed: bool,
    /// Changes of resources with these URIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_subscriptions: Vec<String>,
    /// Changes of tasks with these ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub task_ids: Vec<String>,
}

/// Change that a client subscribed to.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions#receiving-notifications>.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The list of tools changed.
    Tools,
    /// The list of prompts changed.
    Prompts,
    /// The list of resources changed.
    Resources,
    /// The resource with this URI changed.
    Resource(String),
    /// The task changed.
    Task(Box<Task>),
}

impl Change {
    /// The method and the parameters of the notification.
    pub(crate) fn parts(&self) -> (&'static str, Value) {
        match self {
            Self::Tools => ("notifications/tools/list_changed", json!({})),
            Self::Prompts => ("notifications/prompts/list_changed", json!({})),
            Self::Resources => ("notifications/resources/list_changed", json!({})),
            Self::Resource(uri) => ("notifications/resources/updated", json!({ "uri": uri })),
            Self::Task(task) => ("notifications/tasks", json!(task)),
        }
    }

    /// True if the client subscribed to such changes.
    pub(crate) fn is_in(&self, filter: &Filter) -> bool {
        match self {
            Self::Tools => filter.tools_list_changed,
            Self::Prompts => filter.prompts_list_changed,
            Self::Resources => filter.resources_list_changed,
            Self::Resource(uri) => filter.resource_subscriptions.contains(uri),
            Self::Task(task) => filter.task_ids.contains(&task.id),
        }
    }
}

/// Answer of a catalogue to a subscription.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions#acknowledgment>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listening {
    /// The part of the filter that the catalogue serves.
    pub served: Filter,
    /// The changes so far. Those outside the filter are dropped.
    pub changes: Vec<Change>,
}

//! Outcome events of tasks, connections and circuit breakers, published to an EventBridge bus.
//!
//! An event can be delivered more than once: a lost answer of `PutEvents` is repeated, and EventBridge delivers at least once
//! (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-what-is-how-it-works-concepts.html>). Every detail has an
//! `eventKey`, equal in all deliveries of one outcome.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::account::AccountId;
use crate::aws::{self, LazyClient};
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::ids::UserId;
use crate::keys::composite_key;
use crate::tool::Tool;
use crate::validate::fingerprint;

/// The `source` of every event.
pub const SOURCE: &str = "plugin-engine";
/// The length of an event's key, in bytes before their conversion to hex digits.
const KEY_BYTES: usize = 16;

/// An outcome event. Its detail is JSON in camelCase with `userId` and `eventKey`; it contains no token and no content.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all_fields = "camelCase", untagged)]
pub enum Event {
    /// `task.completed`.
    TaskCompleted(TaskEnded),
    /// `task.failed`: the task will not be retried.
    TaskFailed(TaskEnded),
    /// `task.needs_attention`: a person must act; nothing is retried automatically.
    TaskNeedsAttention(TaskEnded),
    /// `task.awaiting_connection`: the task goes on when its account is connected again.
    TaskAwaitingConnection(TaskEnded),
    /// `integration.connected`.
    IntegrationConnected {
        /// The tool.
        tool: Tool,
        /// The account.
        account_id: AccountId,
    },
    /// `integration.needs_reauth`: the provider no longer accepts the grant.
    IntegrationNeedsReauth {
        /// The tool.
        tool: Tool,
        /// The account.
        account_id: AccountId,
    },
    /// `integration.disconnected`.
    IntegrationDisconnected {
        /// The tool.
        tool: Tool,
        /// The account.
        account_id: AccountId,
    },
    /// `circuit_breaker.opened`: the tool failed too often for this agent.
    CircuitBreakerOpened {
        /// The tool.
        tool: Tool,
        /// The agent.
        agent_id: String,
        /// The account.
        account_id: AccountId,
    },
    /// `circuit_breaker.closed`: a probe succeeded, or a person closed the breaker.
    CircuitBreakerClosed {
        /// The tool.
        tool: Tool,
        /// The agent.
        agent_id: String,
        /// The account.
        account_id: AccountId,
    },
}

/// The detail of a task that ended, or cannot go on without a person.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskEnded {
    /// The task.
    pub task_id: String,
    /// The number of the occurrence, from 1.
    pub occurrence: u32,
    /// The id of the attempt that led to the outcome: an occurrence that a person retries has another outcome.
    #[serde(skip)]
    pub attempt: String,
    /// Its agent.
    pub agent_id: String,
    /// The tool.
    pub tool: String,
    /// The account.
    pub account_id: AccountId,
    /// The action.
    pub action: String,
    /// The provider's id of the created object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The stable code of the error that ended the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
}

impl Event {
    /// The event's `detail-type`.
    fn detail_type(&self) -> &'static str {
        match self {
            Self::TaskCompleted(_) => "task.completed",
            Self::TaskFailed(_) => "task.failed",
            Self::TaskNeedsAttention(_) => "task.needs_attention",
            Self::TaskAwaitingConnection(_) => "task.awaiting_connection",
            Self::IntegrationConnected { .. } => "integration.connected",
            Self::IntegrationNeedsReauth { .. } => "integration.needs_reauth",
            Self::IntegrationDisconnected { .. } => "integration.disconnected",
            Self::CircuitBreakerOpened { .. } => "circuit_breaker.opened",
            Self::CircuitBreakerClosed { .. } => "circuit_breaker.closed",
        }
    }

    /// Returns the key of the event. Of a task it follows from the attempt, else from the detail and the time.
    fn key(&self, detail: &Map<String, Value>, now: Timestamp) -> String {
        let cause = match self {
            Self::TaskCompleted(task)
            | Self::TaskFailed(task)
            | Self::TaskNeedsAttention(task)
            | Self::TaskAwaitingConnection(task) => {
                composite_key(&[&task.task_id, &task.occurrence.to_string(), &task.attempt])
            }
            Self::IntegrationConnected { .. }
            | Self::IntegrationNeedsReauth { .. }
            | Self::IntegrationDisconnected { .. }
            | Self::CircuitBreakerOpened { .. }
            | Self::CircuitBreakerClosed { .. } => {
                composite_key(&[&Value::from(detail.clone()).to_string(), &now.as_millisecond().to_string()])
            }
        };
        fingerprint(&composite_key(&[self.detail_type(), &cause]), KEY_BYTES)
    }
}

/// The event bus. Without one, events are only logged.
#[derive(Clone, Debug)]
pub struct EventBus {
    bus: Option<(LazyClient<Client>, String)>,
    clock: Clock,
}

impl Part for EventBus {
    fn build(deployment: &Deployment) -> Self {
        let aws = deployment.aws.clone();
        let client = LazyClient::new(move || Client::new(&aws));
        Self { bus: deployment.config.event_bus.clone().map(|bus| (client, bus)), clock: deployment.clock.clone() }
    }
}

impl EventBus {
    /// Publishes an event about a user. It never fails: the outcome is stored already, so an unreachable bus is logged and does
    /// not change the caller's response.
    pub async fn publish(&self, user: &UserId, event: Event) {
        match serde_json::to_value(&event) {
            Ok(Value::Object(mut detail)) => {
                detail.insert("userId".to_owned(), user.as_str().into());
                detail.insert("eventKey".to_owned(), event.key(&detail, self.clock.now()).into());
                tracing::info!(event = event.detail_type(), "outcome");
                self.put(event.detail_type(), Value::Object(detail).to_string()).await;
            }
            Ok(_) | Err(_) => tracing::error!(event = event.detail_type(), "the event is not a JSON object"),
        }
    }

    /// Requests a run of the function that serves this kind of event. Returns true if the bus accepted the request.
    pub async fn request_run(&self, detail_type: &'static str, detail: &impl Serialize) -> bool {
        match serde_json::to_string(detail) {
            Ok(detail) => self.put(detail_type, detail).await,
            Err(_) => false,
        }
    }

    async fn put(&self, detail_type: &'static str, detail: String) -> bool {
        let Some((client, bus)) = &self.bus else { return false };
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source(SOURCE)
            .detail_type(detail_type)
            .detail(detail)
            .build();
        // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        match client.put_events().entries(entry).send().await {
            Ok(output) if output.failed_entry_count() == 0 => return true,
            Ok(output) => {
                let code = output.entries().first().and_then(|entry| entry.error_code()).unwrap_or_default();
                tracing::error!(event = detail_type, code, "the event bus rejected an event");
            }
            Err(error) => {
                tracing::error!(
                    event = detail_type,
                    error = aws::describe(&error),
                    "the event bus could not be reached"
                );
            }
        }
        false
    }
}

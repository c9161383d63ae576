//! The tools that become tasks, and their store in memory. A task's status follows from its age and its answers.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use mcp_protocol::{
    Call, Capability, Error, ErrorObject, InputRequest, InputRequests, InputResponses, Result, Task, TaskStatus, Tool,
    ToolReply, ToolResult,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::input_tools::form;
use crate::tools::no_arguments;

/// Time for which a task can be read.
const TTL_MS: u64 = 600_000;
/// Time to wait between two polls.
const POLL_INTERVAL_MS: u64 = 200;
/// Time that a failing job runs.
const FAILURE_AFTER: Duration = Duration::from_secs(1);
/// Longest time that a call without a task runs.
const MAX_SYNCHRONOUS: Duration = Duration::from_secs(5);

/// The tools.
pub(crate) fn all() -> Vec<Tool> {
    let seconds = json!({
        "type": "object",
        "properties": { "seconds": { "type": "integer", "minimum": 0 }, "label": { "type": "string" } },
        "required": ["seconds"],
    });
    let file =
        json!({ "type": "object", "properties": { "filename": { "type": "string" } }, "required": ["filename"] });
    vec![
        Tool::new("slow_compute", "Computes for some seconds, as a task if the client has tasks", seconds),
        Tool::new("failing_job", "A task that fails", no_arguments()),
        Tool::new("protocol_error_job", "A task that ends with an error of the protocol", no_arguments()),
        Tool::new("confirm_delete", "A task that asks the person", file),
        Tool::new("multi_input", "A task that asks the person twice at once", no_arguments()),
        Tool::new("test_tool_with_task", "Asks the person, then becomes a task", no_arguments()),
    ]
}

/// Work of a task.
enum Job {
    /// It runs for a time, then has this end.
    Timed(Duration, TaskStatus),
    /// It runs until these are answered.
    Waiting(InputRequests),
}

struct Row {
    job: Job,
    created: Instant,
    created_at: Timestamp,
    answered: BTreeSet<String>,
    cancelled: bool,
}

impl Row {
    fn status(&self) -> TaskStatus {
        match &self.job {
            _ if self.cancelled => TaskStatus::Cancelled,
            Job::Timed(time, end) if self.created.elapsed() >= *time => end.clone(),
            Job::Timed(..) => TaskStatus::Working,
            Job::Waiting(requests) => {
                let open = requests.iter().filter(|(key, _)| !self.answered.contains(*key));
                let input_requests: InputRequests = open.map(|(key, it)| (key.clone(), it.clone())).collect();
                if input_requests.is_empty() {
                    completed(ToolResult::text("Every question is answered"))
                } else {
                    TaskStatus::InputRequired { input_requests }
                }
            }
        }
    }

    fn task(&self, id: &str) -> Task {
        Task {
            id: id.to_owned(),
            status: self.status(),
            status_message: None,
            created_at: self.created_at.to_string(),
            last_updated_at: self.created_at.to_string(),
            ttl_ms: Some(TTL_MS),
            poll_interval_ms: Some(POLL_INTERVAL_MS),
        }
    }

    fn has_ended(&self) -> bool {
        !matches!(self.status(), TaskStatus::Working | TaskStatus::InputRequired { .. })
    }
}

/// Tasks by their ids.
#[derive(Default)]
pub(crate) struct TaskStore(Mutex<HashMap<String, Row>>);

impl TaskStore {
    /// Calls a tool, if it is one of these.
    pub(crate) async fn call(
        &self,
        call: &Call<'_>,
        tool: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Option<ToolReply>> {
        let job = match tool {
            "slow_compute" => {
                let time = Duration::from_secs(arguments.get("seconds").and_then(Value::as_u64).unwrap_or_default());
                if time.is_zero() || !call.client().has(Capability::Tasks) {
                    tokio::time::sleep(time.min(MAX_SYNCHRONOUS)).await;
                    return Ok(Some(ToolReply::Complete(ToolResult::text("Computed"))));
                }
                Job::Timed(time, completed(ToolResult::text("Computed")))
            }
            "failing_job" => Job::Timed(FAILURE_AFTER, completed(ToolResult::error("The job failed"))),
            "protocol_error_job" => Job::Timed(FAILURE_AFTER, protocol_error()),
            "confirm_delete" => Job::Waiting(form("confirm", "Delete the file?", "ok").requests),
            "multi_input" => Job::Waiting(two_questions()),
            "test_tool_with_task" => {
                let Some(answer) = call.responses().elicited("user_name")? else {
                    return Ok(Some(ToolReply::InputRequired(form("user_name", "What is your name?", "name"))));
                };
                let name = answer.content.get("name").and_then(Value::as_str).unwrap_or("nobody");
                Job::Timed(Duration::ZERO, completed(ToolResult::text(format!("Hello, {name}!"))))
            }
            _ => return Ok(None),
        };
        call.client().require([Capability::Tasks])?;
        if let Job::Waiting(requests) = &job {
            call.client().require(requests.values().map(InputRequest::capability))?;
        }
        Ok(Some(ToolReply::Task(self.create(job)?)))
    }

    fn create(&self, job: Job) -> Result<Task> {
        let mut bytes = [0; 16];
        rand::fill(&mut bytes).map_err(|_| Error::Internal)?;
        let id = URL_SAFE_NO_PAD.encode(bytes);
        let row = Row { job, created: Instant::now(), created_at: now(), answered: BTreeSet::new(), cancelled: false };
        let task = row.task(&id);
        self.rows().insert(id, row);
        Ok(task)
    }

    pub(crate) fn get(&self, id: &str) -> Result<Task> {
        self.rows().get(id).map(|row| row.task(id)).ok_or_else(unknown)
    }

    pub(crate) fn update(&self, id: &str, responses: &InputResponses) -> Result<()> {
        let mut rows = self.rows();
        let row = rows.get_mut(id).ok_or_else(unknown)?;
        row.answered.extend(responses.keys().map(str::to_owned));
        Ok(())
    }

    pub(crate) fn cancel(&self, id: &str) -> Result<()> {
        let mut rows = self.rows();
        let row = rows.get_mut(id).ok_or_else(unknown)?;
        row.cancelled |= !row.has_ended();
        Ok(())
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<String, Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown() -> Error {
    Error::InvalidParams("There is no such task".to_owned())
}

fn completed(result: ToolResult) -> TaskStatus {
    TaskStatus::Completed { result }
}

fn protocol_error() -> TaskStatus {
    TaskStatus::Failed {
        error: ErrorObject { code: -32603, message: "The job ended unexpectedly".to_owned(), data: None },
    }
}

fn two_questions() -> InputRequests {
    let (first, second) = (form("first", "The first question", "name"), form("second", "The second question", "name"));
    first.requests.into_iter().chain(second.requests).collect()
}

#[expect(clippy::disallowed_methods, reason = "the fixture has no simulated time")]
fn now() -> Timestamp {
    Timestamp::now()
}

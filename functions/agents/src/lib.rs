//! `/api/plugin-engine/agents`: lists the agents of a user, and stops all of one.

use engine::agents::{AgentStatus, Agents, StopSummary, TaskCounts};
use engine::error::{Error, Result};
use engine::ids::AgentId;
use engine::lambda::{Callers, Input, Refusal, Reply, Request};
use engine::tables::PageRequest;
use engine::wording::{agreeing, counted};
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(list, stop))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(agents: &'static Agents, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(agents, &request).await,
        Method::DELETE => stop(agents, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, DELETE" }),
    }
}

/// An agent of the user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AgentOut {
    /// The id of the agent.
    agent_id: String,
    /// The time of its first work.
    created_at: Timestamp,
    /// The numbers of its tasks that go on.
    tasks: TaskCountsOut,
}

/// The numbers of an agent's scheduled tasks that go on by themselves, among its latest 1,000 by time of execution.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentTaskCounts)]
struct TaskCountsOut {
    /// Tasks that wait for their time.
    scheduled: u32,
    /// Tasks with a running attempt.
    processing: u32,
    /// Tasks that wait for another attempt.
    retrying: u32,
    /// Tasks whose last attempt is being reconciled.
    unknown: u32,
    /// Tasks whose account must be connected again.
    awaiting_connection: u32,
    /// How many of all these are series.
    series: u32,
    /// True if the agent has further tasks, which are not counted: each number is a lower bound.
    more: bool,
}

impl From<AgentStatus> for AgentOut {
    fn from(status: AgentStatus) -> Self {
        let AgentStatus { agent, created_at, tasks } = status;
        let TaskCounts { scheduled, processing, retrying, unknown, awaiting_connection, series, more } = tasks;
        let tasks = TaskCountsOut { scheduled, processing, retrying, unknown, awaiting_connection, series, more };
        Self { agent_id: agent.as_str().to_owned(), created_at, tasks }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// The largest number of items in a page: 1 to 100.
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of agents.
#[derive(Debug, Serialize, ToSchema)]
struct AgentsOut {
    /// The agents of this page, by id.
    agents: Vec<AgentOut>,
    /// The cursor of the next page; `null` on the last page.
    #[schema(required)]
    cursor: Option<String>,
}

/// Lists the agents that have planned or done work, with the numbers of their tasks.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/agents",
    operation_id = "listAgents",
    params(ListIn),
    responses(
        (status = 200, description = "A page of agents", body = AgentsOut),
    ),
)]
async fn list(agents: &'static Agents, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<ListIn>().await?;
    let page = agents.list(&caller, &PageRequest { limit: input.limit, cursor: input.cursor }).await?;
    let agents = page.items.into_iter().map(AgentOut::from).collect();
    Reply::ok(&AgentsOut { agents, cursor: page.cursor })
}

/// The agent to stop.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AgentStop)]
struct StopIn {
    /// The id of the agent.
    agent_id: String,
}

impl Input for StopIn {
    const REQUIRED: &'static [&'static str] = &["agentId"];
    // A service must not stop what another one, or the user, has planned.
    const CALLERS: Callers = Callers::User;
}

/// What became of the tasks of a stopped agent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgentStopped)]
struct StoppedOut {
    /// Always true.
    success: bool,
    /// The sentence for a person.
    message: String,
    /// The number of tasks that were cancelled; a series is one.
    cancelled: usize,
    /// The number of tasks with an unfinished attempt. It ends by itself, and nothing follows it.
    running: usize,
    /// True if the time did not suffice for all tasks. A repeated request stops the others.
    remaining: bool,
}

/// Stops all of an agent: cancels every scheduled task and series. New work of the agent is accepted as before.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/agents",
    operation_id = "stopAgent",
    request_body = StopIn,
    responses(
        (status = 200, description = "The tasks of the agent are stopped", body = StoppedOut),
        (status = 404, description = "No such agent", body = Refusal),
    ),
)]
async fn stop(agents: &'static Agents, request: &Request) -> Result<Reply> {
    let (user, input) = request.query_or_body::<StopIn>().await?;
    let summary = agents.stop(&user, &AgentId::parse(&input.agent_id)?, request.deadline()).await?;
    let message = message(&summary);
    let StopSummary { cancelled, running, remaining } = summary;
    Reply::ok(&StoppedOut { success: true, message, cancelled, running, remaining })
}

fn message(summary: &StopSummary) -> String {
    let StopSummary { cancelled, running, remaining } = summary;
    let more = if *remaining { " Further tasks remain; repeat the request." } else { "" };
    let (tasks, were) = (counted(*cancelled, "task"), agreeing(*cancelled, "was", "were"));
    let end = agreeing(*running, "ends by itself", "end by themselves");
    format!(
        "{tasks} {were} cancelled; {running} with an unfinished attempt {end}.{more} New work of this agent is still accepted: an \
         agentId is a label and not a permission."
    )
}

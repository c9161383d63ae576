//! The tasks table: the attempt ledger, the idempotency keys, and the limits and agents of users.
//!
//! | Partition | Sort key | Items |
//! |---|---|---|
//! | `user#agent` | `S#<executeAt>#<ulid>` | scheduled tasks: [`TaskItems`] |
//! | `user#agent` | `I#<ulid>` | immediate write intents: [`TaskItems`] |
//! | `user#agent` | `P#<ulid>` | side items: payloads too large for the task's own item |
//! | `user` | `w#<tool>#<account>#<hash>` | tasks that wait for a connection: [`WaitingItems`] |
//! | `user` | `idem#<sha256 of the key>` | idempotency keys: [`IdempotencyItems`] |
//! | `user` | `agent#<agent>` | agents, from their first work on: [`AgentItems`] |
//! | `user` | `created#<tool>#<account>#<id>` | objects without an author at their provider: [`CreatedItems`] |
//! | `user` | `agents` | the set of the agents, which limits their number: [`AgentItems`] |
//! | `user` | `series` | the set of the living series, which limits their number: [`SeriesItems`] |
//! | `user##files` | `file_<ulid>` | files that were registered or read within a day: [`FileItems`] |
//! | `user##limits` | `<name>#<start>`, `<name>#<start>#<service>` | windows of the limits: [`LimitItems`] |
//!
//! No task's partition (`user#agent`) can equal a user's, nor those of its files and limits: no agent's id is empty.

mod agents;
mod created;
mod files;
mod idempotency;
mod items;
mod keys;
mod last_error;
mod ledger;
mod limits;
mod merged;
mod refusal;
mod series;
mod state;
mod status;
mod stop;
mod stored_result;
mod suspects;
mod task;
mod task_files;
mod transition;
mod waiting;

pub use agents::{AgentItems, AgentRow};
pub use created::CreatedItems;
pub use files::{FILE_RETENTION, FileItems, FileRow};
pub use idempotency::{IDEMPOTENCY_KEY_RETENTION, IdempotencyItems, IdempotencyKey};
pub use items::TaskItems;
pub use keys::{immediate_sort, partition, scheduled_sort, shard_of};
pub use last_error::LastError;
pub use ledger::{Claim, DueEntry, Finish, Lease};
pub use limits::{Limit, LimitItems};
pub use merged::{MergedPage, MergedQuery};
pub use series::SeriesItems;
pub use state::TaskState;
pub use status::{INITIAL_STATES, TRANSITIONS, TaskStatus};
pub use stop::{LivingPage, LivingTask, Stop};
pub use stored_result::StoredResult;
pub use task::{HistoryEntry, NewTask, Task};
pub use task_files::TaskFiles;
pub use transition::{AttemptFacts, Reconciled, TASK_RETENTION, Transition};
pub use waiting::{Resumed, WaitingFor, WaitingItems, WaitingTask};

//! The tasks table: the attempt ledger, and what is counted and remembered of a user's requests.
//!
//! | Partition | Sort key | Items |
//! |---|---|---|
//! | `user#agent` | `S#<executeAt>#<ulid>` | scheduled tasks: [`TaskItems`] |
//! | `user#agent` | `I#<ulid>` | immediate write intents: [`TaskItems`] |
//! | `user#agent` | `P#<ulid>` | side items: payloads too large for the task's own item |
//! | `user` | `idem#<sha256 of the key>` | idempotency keys: [`IdempotencyItems`] |
//! | `user` | `limit#<name>#<start>` | windows of the per-user limits: [`LimitItems`] |
//!
//! No task's partition (`user#agent`) can equal a user's.

mod idempotency;
mod items;
mod ledger;
mod limits;
mod stored_result;
mod task;
mod transition;

pub use idempotency::{IDEMPOTENCY_KEY_RETENTION, IdempotencyItems, IdempotencyKey};
pub use items::TaskItems;
pub use ledger::{Claim, DueEntry, Lease};
pub use limits::{Limit, LimitItems};
pub use stored_result::StoredResult;
pub use task::{
    HistoryEntry, LastError, NewTask, TRANSITIONS, Task, TaskStatus, immediate_sort, partition, scheduled_sort,
    shard_of,
};
pub use transition::{TASK_RETENTION, Transition};

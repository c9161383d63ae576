//! The crate that all functions share: it runs an agent's intents in a person's accounts, now or later, at most once.
//!
//! Start reading at [`engine`]: [`process_intent`](engine::Engine::process_intent) is the main job in four numbered steps, and
//! [`attempt`] is what happens between a claim and its outcome. The README describes three journeys through the modules, file by file.
//!
//! # Floors
//!
//! A module imports only from floors below its own. A test reads the floors from this list.
//!
//! 1. [`lambda`] [`processor`]: input and output. The only place that knows HTTP requests and the Lambda runtime; the due-task loop.
//! 2. [`engine`]: everything a function needs, built once per cold start; and the main job,
//!    [`process_intent`](engine::Engine::process_intent).
//! 3. [`attempt`]: one attempt, from claim to outcome: the same for immediate and due work.
//! 4. [`integrations`]: a person's connections, from consent to disconnect.
//! 5. [`circuit_breaker`] [`context_mapper`] [`cooldown`] [`delegations`] [`error_log`] [`identity`] [`oauth`] [`scheduler`]: the
//!    engine's services, independent of each other.
//! 6. [`vault`]: storage of tokens.
//! 7. [`intent`] [`tables`]: the request to act and its result; the five tables.
//! 8. [`adapters`]: the tools.
//! 9. [`config`] [`events`] [`recurrence`] [`retry`]: settings, outcome events, the arithmetic of recurrence and of backoff.
//! 10. [`aws`]: the AWS clients, over the one outbound HTTP client.
//! 11. [`http`] [`ids`]: the outbound HTTP client; ids of people, agents and rows.
//! 12. [`keys`] [`validate`]: the encoding of keys and cursors; checks of texts and sizes.
//! 13. [`error`]: the one error type.
//! 14. [`cache`] [`clock`] [`metrics`] [`redact`] [`tool`]: a bounded cache, time and randomness, metrics, redaction, tool names.
//!
//! # Glossary
//!
//! One term for each thing, in code, rows, wire, logs, metrics and pages.
//!
//! * **Action**: an operation of one tool, such as `gmail.send_email`: a typed input, an effect, scopes, and code that calls the provider.
//! * **Agent**: the program that posts intents for a person. Its id is chosen by its owner.
//! * **Attempt**: one run of an action, from claim to outcome. A task has at most five that count.
//! * **Checkpoint**: the handle that an action stores before its effect, such as a draft's id, so that a lost response can be reconciled.
//! * **Circuit breaker**: the guard of an agent's calls to one tool. *Closed*: calls pass. *Open*: calls are refused after too many
//!   failures. *Half-open*: one call, the *probe*, passes; its result closes or reopens the breaker.
//! * **Claim**: the conditional write by which one process takes an attempt. It sets the attempt's number and its lease.
//! * **Connection**: a person's consent to one tool: its tokens, scopes and state.
//! * **Cooldown**: the pause of all calls of a user and tool after the provider reported a rate limit; afterwards one probe passes first.
//! * **Deferral**: an attempt that is postponed without being consumed: an open circuit breaker, a cooldown, an unreachable store.
//! * **Delegation**: a person's permission for a service to act for them until a date.
//! * **Dry run**: an intent that is validated and resolved; the request that would be sent is returned and not sent.
//! * **Due index**: the sparse index of tasks by the time of their next attempt. It is a hint; the task's row decides.
//! * **Effect**: the kind of an action by what a repetition does: `read`, `idempotent` or `create`.
//! * **Encrypted column**: the vault that stores tokens in the connection's row, encrypted with AES-256-GCM.
//! * **Fencing**: the condition of every write on the attempt's number and lease id, so that a process that lost its lease writes nothing.
//! * **Grace period**: the 30 s after an attempt in which a negative reconciliation is not trusted, because a provider's reads may
//!   lag behind its writes.
//! * **Idempotency key**: the header `Idempotency-Key`: a repeated request with the same key and body returns the first result.
//! * **Intent**: an agent's request to act: agent, tool, action and context. A task stores its `action` and `payload`.
//! * **Lease**: the time for which a claim holds. An expired lease means that its holder is dead.
//! * **Maintenance index**: the sparse index of connections by the time of their next check: token refresh, cleanup.
//! * **Misfire**: an occurrence that could not start within a minute of its time.
//! * **Occurrence**: one run of a recurring task (a *series*).
//! * **Outcome**: what became of an action's effect: `none`, `unknown` or `done`.
//! * **Pre-warming**: the preparation of the store's client and connection before the first event.
//! * **Reconciliation**: the query that asks a provider about an effect whose response was lost. Its answers are *applied*,
//!   *not applied* and *inconclusive*.
//! * **Side item**: the item that holds a task's payload when it is larger than 1 KiB.
//! * **Sparse index**: an index that contains only the rows that have its key.
//! * **Task**: the row that journals an intent: scheduled ones and immediate ones with an effect.

pub mod lambda;
pub mod processor;

pub mod engine;

pub mod attempt;

pub mod integrations;

pub mod circuit_breaker;
pub mod context_mapper;
pub mod cooldown;
pub mod delegations;
pub mod error_log;
pub mod identity;
pub mod oauth;
pub mod scheduler;

pub mod vault;

pub mod intent;
pub mod tables;

pub mod adapters;

pub mod config;
pub mod events;
pub mod recurrence;
pub mod retry;

pub mod aws;

pub mod http;
pub mod ids;

pub mod keys;
pub mod validate;

pub mod error;

pub mod cache;
pub mod clock;
pub mod metrics;
pub mod redact;
pub mod tool;

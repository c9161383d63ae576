//! Everything the functions share, in floors: a module imports only from floors below its own. So it reads from the top, as far
//! down as one needs to; a test takes the floors from this list.
//!
//! 1. [`lambda`] [`processor`]: in and out. The only place that knows HTTP requests and the Lambda runtime; the due-task loop.
//! 2. [`engine`]: everything a function needs, built once per cold start; and the main job,
//!    [`process_intent`](engine::Engine::process_intent).
//! 3. [`attempt`]: one attempt, claim to finish: the same for immediate and due work.
//! 4. [`integrations`]: a person's connections, from consent to disconnect.
//! 5. [`breaker`] [`context_mapper`] [`delegations`] [`error_log`] [`gate`] [`identity`] [`oauth`] [`scheduler`]: what the engine
//!    is made of, each for itself.
//! 6. [`vault`]: where tokens rest.
//! 7. [`intent`] [`tables`]: the request to act and its result; the five tables.
//! 8. [`adapters`]: the tools.
//! 9. [`config`] [`events`] [`recurrence`] [`retry`]: settings, outcome events, the arithmetic of coming again and of trying again.
//! 10. [`aws`]: the AWS clients, over the one way out.
//! 11. [`http`] [`ids`]: the one way out; names of people, agents and rows.
//! 12. [`error`]: the one error.
//! 13. [`clock`] [`metrics`] [`redact`] [`tool`]: time and chance, measurements, what is not repeated, the name of a tool.
//!
//! Three journeys through them, file by file, are in the README.

pub mod lambda;
pub mod processor;

pub mod engine;

pub mod attempt;

pub mod integrations;

pub mod circuit_breaker;
pub mod context_mapper;
pub mod delegations;
pub mod error_log;
pub mod cooldown;
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

pub mod error;

pub mod clock;
pub mod metrics;
pub mod redact;
pub mod tool;

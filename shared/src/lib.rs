//! Everything the functions share. The modules stand in floors; each imports only from floors below its own.

// In and out: the only place that knows HTTP requests and the Lambda runtime; the due-task loop.
pub mod lambda;
pub mod processor;

// Everything a function needs, built once per cold start; `process_intent`.
pub mod engine;

// One attempt, claim to finish: the same for immediate and due work.
pub mod attempt;

// A person's connections, from consent to disconnect.
pub mod integrations;

// What the engine is made of, each for itself.
pub mod breaker;
pub mod context_mapper;
pub mod delegations;
pub mod error_log;
pub mod gate;
pub mod identity;
pub mod oauth;
pub mod scheduler;

// Where tokens rest.
pub mod vault;

// The request to act and its result; the five tables.
pub mod intent;
pub mod tables;

// The tools.
pub mod adapters;

// Settings, outcome events, the arithmetic of coming again and of trying again.
pub mod config;
pub mod events;
pub mod recurrence;
pub mod redact;
pub mod retry;

// The AWS clients, over the one way out.
pub mod aws;
pub mod http;

// Measurements, as log lines.
pub mod metrics;

// Names, errors, time.
pub mod clock;
pub mod error;
pub mod ids;
pub mod tool;

//! The fuzz targets: each takes any bytes and panics if the engine panics or violates a rule.
//!
//! They call the engine's public interface only. `tests/fuzz/run` runs them with libFuzzer; the ordinary tests
//! (`tests/it/fuzzing.rs`) include this file and run the same checks over the seeds and mutations of them.

mod callback_query;
mod deployment;
mod intent_body;
mod jwt;
mod mail_headers;
pub mod provider_replies;
mod retry_after;

pub use callback_query::callback_query;
pub use intent_body::intent_body;
pub use jwt::jwt;
pub use mail_headers::mail_headers;
pub use provider_replies::provider_replies;
pub use retry_after::retry_after;

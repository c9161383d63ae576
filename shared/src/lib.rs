//! Everything the functions share.

pub mod lambda;
pub mod processor;

pub mod engine;

pub mod attempt;

pub mod integrations;

pub mod breaker;
pub mod context_mapper;
pub mod error_log;
pub mod oauth;
pub mod scheduler;
pub mod vault;

pub mod adapters;
pub mod intent;
pub mod retry;
pub mod tables;

pub mod aws;
pub mod config;
pub mod error;
pub mod events;
pub mod http;

pub mod clock;
pub mod ids;

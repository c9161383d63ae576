#![doc = include_str!("../docs/architecture.md")]

pub mod lambda;
pub mod processor;

pub mod calls;
pub mod catalogue;

pub mod own_tools;

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
pub mod request_budgets;
pub mod scheduler;

pub mod payloads;

pub mod agents;
pub mod vault;

pub mod files;

pub mod intent;
pub mod tables;

pub mod adapters;

pub mod events;
pub mod recurrence;
pub mod retry;

pub mod deployment;

pub mod config;

pub mod aws;

pub mod permissions;

pub mod http;
pub mod ids;

pub mod account;

pub mod answer;
pub mod keys;
pub mod model_view;
pub mod validate;

pub mod error;

pub mod cache;
pub mod clock;
pub mod metrics;
pub mod pace;
pub mod redact;
pub mod tool;
pub mod wording;

mod nearest;

//! The route of each function, over its part of a deployment.

use engine::deployment::Deployment;
use engine::error::Result;
use engine::lambda::{Reply, Request};
use std::future::Future;
use std::pin::Pin;

type RouteFuture = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

pub(super) fn route(function: &str) -> Option<fn(&'static Deployment, Request) -> RouteFuture> {
    Some(match function {
        "context-mappings" => |parts, request| Box::pin(context_mappings::route(parts.part(), request)),
        "context-mappings-bulk" => |parts, request| Box::pin(context_mappings_bulk::route(parts.part(), request)),
        "context-mappings-lookup" => |parts, request| Box::pin(context_mappings_lookup::route(parts.part(), request)),
        "errors" => |parts, request| Box::pin(errors::route(parts.part(), request)),
        "errors-bulk" => |parts, request| Box::pin(errors_bulk::route(parts.part(), request)),
        "errors-fallbacks" => |parts, request| Box::pin(errors_fallbacks::route(parts.part(), request)),
        "errors-stats" => |parts, request| Box::pin(errors_stats::route(parts.part(), request)),
        "errors-trends" => |parts, request| Box::pin(errors_trends::route(parts.part(), request)),
        "integrations" => |parts, request| Box::pin(integrations::route(parts.part(), request)),
        "integrations-status" => |parts, request| Box::pin(integrations_status::route(parts.part(), request)),
        "oauth-authorize" => |parts, request| Box::pin(oauth_authorize::route(parts.part(), request)),
        "oauth-callback" => |parts, request| Box::pin(oauth_callback::route(parts.part(), request)),
        "plugin-engine" => |parts, request| Box::pin(plugin_engine::route(parts.part(), request)),
        "tasks" => |parts, request| Box::pin(tasks::route(parts.part(), request)),
        "tasks-schedule" => |parts, request| Box::pin(tasks_schedule::route(parts.part(), request)),
        _ => return None,
    })
}

//! The notifications of one request: its progress and its log messages. They precede the answer in its body.
//!
//! Sources: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/progress> and
//! <https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging>.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// Key of the progress token in `_meta`.
const PROGRESS_TOKEN: &str = "progressToken";
/// Key of the lowest log level in `_meta`.
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
/// Maximum number of notifications of one request. Later ones are dropped.
const MAX_NOTIFICATIONS: usize = 1000;

/// Severity of a log message, from the lowest to the highest.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#logginglevel>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Detailed information for debugging.
    Debug,
    /// General information.
    Info,
    /// Normal but significant event.
    Notice,
    /// Warning.
    Warning,
    /// Error.
    Error,
    /// Critical condition.
    Critical,
    /// Condition that needs action at once.
    Alert,
    /// Unusable system.
    Emergency,
}

impl LogLevel {
    /// Reads a level by its name.
    pub(crate) fn parse(value: &Value) -> Result<Self> {
        Self::deserialize(value).map_err(|_| {
            Error::InvalidParams("The log level must be one of syslog's, for example \"warning\"".to_owned())
        })
    }

    /// The name of the level.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }
}

/// Notifications of one request.
#[derive(Debug)]
pub(crate) struct Events {
    token: Option<Value>,
    level: Option<LogLevel>,
    sent: Mutex<Sent>,
}

#[derive(Debug, Default)]
struct Sent {
    notifications: Vec<Value>,
    progress: Option<f64>,
}

impl Events {
    /// Reads which notifications a request asks for. `default_level` is the level of one that names none.
    pub(crate) fn from_meta(meta: &Map<String, Value>, default_level: Option<LogLevel>) -> Result<Self> {
        let token = match meta.get(PROGRESS_TOKEN) {
            None => None,
            Some(token) if token.is_string() || token.is_i64() || token.is_u64() => Some(token.clone()),
            Some(_) => return Err(Error::InvalidParams(format!("`{PROGRESS_TOKEN}` must be a text or an integer"))),
        };
        let level = meta.get(LOG_LEVEL).map(LogLevel::parse).transpose()?.or(default_level);
        Ok(Self { token, level, sent: Mutex::default() })
    }

    /// Adds a progress notification, if the client asked for them. One that does not increase is dropped.
    pub(crate) fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        let Some(token) = &self.token else { return };
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.progress.is_some_and(|last| progress <= last) {
            return;
        }
        sent.progress = Some(progress);
        let mut params = json!({ "progressToken": token, "progress": progress });
        if let Some(total) = total {
            params["total"] = json!(total);
        }
        if let Some(message) = message {
            params["message"] = json!(message);
        }
        sent.add("notifications/progress", params);
    }

    /// Adds a log message, if the client asked for its level.
    pub(crate) fn log(&self, level: LogLevel, logger: Option<&str>, data: Value) {
        if self.level.is_none_or(|lowest| level < lowest) {
            return;
        }
        let mut params = json!({ "level": level.as_str(), "data": data });
        if let Some(logger) = logger {
            params["logger"] = json!(logger);
        }
        self.add("notifications/message", params);
    }

    /// Adds another notification.
    pub(crate) fn add(&self, method: &str, params: Value) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).add(method, params);
    }

    /// The notifications in their order.
    pub(crate) fn into_notifications(self) -> Vec<Value> {
        self.sent.into_inner().unwrap_or_else(PoisonError::into_inner).notifications
    }
}

impl Sent {
    fn add(&mut self, method: &str, params: Value) {
        if self.notifications.len() < MAX_NOTIFICATIONS {
            self.notifications.push(notification(method, params));
        }
    }
}

/// A notification as JSON-RPC writes it.
pub(crate) fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

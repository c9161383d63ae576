//! A provider's rate limit on all calls of an account, for providers whose limit the sandbox does not have.

use engine::http::Response;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;

/// A number of units in a window of time, by what the provider documents.
#[derive(Clone, Debug)]
pub(crate) struct ProviderLimit {
    units: u32,
    window: Duration,
    /// The units of a call.
    cost: fn(line: &str) -> u32,
    /// The refusal; `None` in place of the seconds to wait where the provider tells none.
    refusal: fn(seconds: u64) -> Response,
    used: VecDeque<(Duration, u32)>,
}

impl ProviderLimit {
    /// Notion: an average of three requests a second, with `Retry-After` (<https://developers.notion.com/reference/request-limits>).
    pub(crate) fn notion() -> Self {
        let cost = |line: &str| u32::from(line.contains("/notion/v1/"));
        Self::new(9, Duration::from_secs(3), cost, |seconds| {
            let body = json!({ "object": "error", "status": 429, "code": "rate_limited", "message": "Slow down." });
            refusal(429, &body, Some(seconds))
        })
    }

    /// Gmail: 15,000 quota units a minute and user, of which a sent mail takes 100, and no time to wait
    /// (<https://developers.google.com/workspace/gmail/api/reference/quota>).
    pub(crate) fn gmail() -> Self {
        let cost = |line: &str| match line {
            line if !line.contains("/gmail/v1/") => 0,
            line if line.contains("/send") => 100,
            line if line.starts_with("POST") => 10,
            _ => 5,
        };
        Self::new(15_000, Duration::from_secs(60), cost, |_| {
            let errors = json!([{ "domain": "usageLimits", "reason": "rateLimitExceeded" }]);
            refusal(403, &json!({ "error": { "code": 403, "message": "Rate Limit Exceeded", "errors": errors } }), None)
        })
    }

    fn new(units: u32, window: Duration, cost: fn(&str) -> u32, refusal: fn(u64) -> Response) -> Self {
        Self { units, window, cost, refusal, used: VecDeque::new() }
    }

    /// Counts a call. Returns the refusal of one beyond the limit.
    pub(crate) fn refuse(&mut self, line: &str, now: Duration) -> Option<Response> {
        let cost = (self.cost)(line);
        while self.used.front().is_some_and(|(at, _)| *at + self.window <= now) {
            self.used.pop_front();
        }
        let used: u32 = self.used.iter().map(|(_, cost)| cost).sum();
        if cost == 0 || used + cost <= self.units {
            self.used.push_back((now, cost));
            return None;
        }
        let wait = self.used.front().map_or(self.window, |(at, _)| *at + self.window - now);
        Some((self.refusal)(wait.as_secs() + 1))
    }
}

fn refusal(status: u16, body: &Value, seconds: Option<u64>) -> Response {
    let mut response = http::Response::new(body.to_string().into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    if let Some(seconds) = seconds {
        response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
    }
    response
}

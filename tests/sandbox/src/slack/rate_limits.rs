//! The rate limits of methods (<https://docs.slack.dev/apis/web-api/rate-limits>). They run on the sandbox's clock.

use std::collections::BTreeMap;

use super::Caller;
use super::args::Arguments;
use super::strangeness::SlackLimits;
use crate::state::SandboxState;

/// A number of calls in a window of time.
struct RateLimit {
    calls: usize,
    window_millis: i64,
    /// True if each channel has its own calls.
    is_per_channel: bool,
}

/// `chat.postMessage`: one message per second and channel, and short bursts.
const POSTS: RateLimit = RateLimit { calls: 5, window_millis: 5_000, is_per_channel: true };
/// Tier 3: 50 calls per minute and more.
const TIER_3: RateLimit = RateLimit { calls: 50, window_millis: 60_000, is_per_channel: false };
/// Histories for a distributed app outside the Marketplace.
const ONE_A_MINUTE: RateLimit = RateLimit { calls: 1, window_millis: 60_000, is_per_channel: false };

/// The times of calls in unix milliseconds, by team, method and channel.
pub(super) type CallTimes = BTreeMap<(&'static str, String, String), Vec<i64>>;

fn rate_limit(limits: SlackLimits, method: &str) -> Option<RateLimit> {
    match (limits, method) {
        (SlackLimits::None, _) => None,
        (_, "chat.postMessage") => Some(POSTS),
        (SlackLimits::Internal, "conversations.history" | "conversations.replies") => Some(TIER_3),
        (SlackLimits::OutsideMarketplace, "conversations.history" | "conversations.replies") => Some(ONE_A_MINUTE),
        _ => None,
    }
}

/// Counts a call. One above the limit is refused with the number of seconds to wait.
pub(super) fn count_call(state: &mut SandboxState, caller: &Caller, method: &str, args: &Arguments) -> Result<(), i64> {
    let Some(limit) = rate_limit(state.strangeness.slack.limits, method) else { return Ok(()) };
    let channel = if limit.is_per_channel { args.text("channel").unwrap_or_default() } else { String::new() };
    let now = state.clock.millis();
    let times = state.slack.call_times.entry((caller.team.id, method.to_owned(), channel)).or_default();
    times.retain(|at| *at > now - limit.window_millis);
    if let Some(first) = times.first().filter(|_| times.len() >= limit.calls) {
        let wait_millis = first + limit.window_millis - now;
        return Err((wait_millis + 999).div_euclid(1_000).max(1));
    }
    times.push(now);
    Ok(())
}

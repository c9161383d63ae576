//! What may go wrong with a call, and how often: drawn at each call, from a profile the seed has drawn before.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::random::Rng;

/// What becomes of one call to the store or the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreFault {
    /// It is carried out and answered.
    None,
    /// It is refused with this code and not carried out.
    Refused(&'static str),
    /// It is carried out and the answer is lost.
    ResponseLost,
    /// It is carried out at once and answered late.
    ResponseDelayed(Duration),
    /// It is carried out late, whether or not its caller still waits.
    RequestDelayed(Duration),
    /// Its caller is killed before it leaves.
    KilledBefore,
    /// It is carried out and its caller is killed before the answer comes.
    KilledAfter,
}

/// What becomes of one call to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderFault {
    /// It is carried out and answered.
    None,
    /// No byte of it leaves.
    NotSent,
    /// It is carried out and the answer is lost.
    ResponseLost,
    /// It is carried out at once and answered late.
    ResponseDelayed(Duration),
    /// It is carried out late, whether or not its caller still waits.
    RequestDelayed(Duration),
    /// It is carried out and half of the answer's body comes.
    Truncated,
    /// Too many calls: not carried out, with this `Retry-After`.
    RateLimited(Option<RetryAfter>),
    /// An error of the server, before or after it was carried out.
    ServerError {
        /// The status.
        status: u16,
        /// Whether it was carried out.
        applied: bool,
    },
    /// The provider refuses the token and carries nothing out.
    Unauthorized,
    /// A read is answered as the world was some time ago.
    StaleRead(Duration),
    /// Its caller is killed before it leaves.
    KilledBefore,
    /// It is carried out and its caller is killed before the answer comes.
    KilledAfter,
}

/// The forms of a `Retry-After` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// Whole seconds, possibly far too many.
    Seconds(u64),
    /// An HTTP date this many seconds ahead.
    Date(u32),
    /// A negative number.
    Negative,
    /// A text that means nothing.
    Malformed,
}

/// How often each fault happens, in a thousand calls. Most seeds have a few kinds of faults only: many at once hide each
/// other (Groce et al., "Swarm Testing", 2012).
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultProfile {
    throttled: u64,
    store_response_lost: u64,
    store_delayed: u64,
    not_sent: u64,
    response_lost: u64,
    response_delayed: u64,
    request_delayed: u64,
    truncated: u64,
    rate_limited: u64,
    server_error: u64,
    unauthorized: u64,
    stale_read: u64,
    /// Kills at a call; also the chance, in a thousand invocations, of one at any other moment, times ten.
    pub(crate) killed: u64,
}

impl FaultProfile {
    /// Draws which kinds of faults a seed has and how often.
    pub(crate) fn random(dice: &mut Rng) -> Self {
        let mut often = |most: u64| if dice.chance_per_mille(450) { dice.in_range(most / 10, most) } else { 0 };
        Self {
            throttled: often(300),
            store_response_lost: often(150),
            store_delayed: often(60),
            not_sent: often(150),
            response_lost: often(300),
            response_delayed: often(150),
            request_delayed: often(100),
            truncated: often(150),
            rate_limited: often(250),
            server_error: often(250),
            unauthorized: often(40),
            stale_read: often(900),
            killed: often(50),
        }
    }

    fn kill<T>(&self, dice: &mut Rng, before: T, after: T) -> Option<T> {
        let killed = dice.chance_per_mille(self.killed);
        killed.then(|| if dice.chance_per_mille(500) { before } else { after })
    }

    /// What becomes of a call to the store.
    pub(crate) fn store(&self, dice: &mut Rng) -> StoreFault {
        if let Some(kill) = self.kill(dice, StoreFault::KilledBefore, StoreFault::KilledAfter) {
            return kill;
        }
        if dice.chance_per_mille(self.throttled) {
            return StoreFault::Refused(dice.choose(&[
                "ProvisionedThroughputExceededException",
                "ThrottlingException",
                "RequestLimitExceeded",
                "InternalServerError",
            ]));
        }
        if dice.chance_per_mille(self.store_response_lost) {
            return StoreFault::ResponseLost;
        }
        if dice.chance_per_mille(self.store_delayed) {
            let by = Duration::from_millis(dice.in_range(50, 9_000));
            return if dice.chance_per_mille(500) {
                StoreFault::ResponseDelayed(by)
            } else {
                StoreFault::RequestDelayed(by)
            };
        }
        StoreFault::None
    }

    /// What becomes of a call to a provider.
    pub(crate) fn provider(&self, dice: &mut Rng, is_read: bool) -> ProviderFault {
        if let Some(kill) = self.kill(dice, ProviderFault::KilledBefore, ProviderFault::KilledAfter) {
            return kill;
        }
        if is_read && dice.chance_per_mille(self.stale_read) {
            return ProviderFault::StaleRead(Duration::from_millis(dice.in_range(100, 10_000)));
        }
        let late = Duration::from_millis(dice.in_range(500, 14_000));
        // A request that is still on its way when its caller has given up. Providers' own queues are far faster.
        let arrives = Duration::from_millis(dice.in_range(500, 4_000));
        let status = dice.choose(&[500, 502, 503, 504]);
        let told = retry_after(dice);
        let possible = [
            (self.not_sent, ProviderFault::NotSent),
            (self.response_lost, ProviderFault::ResponseLost),
            (self.response_delayed, ProviderFault::ResponseDelayed(late)),
            (self.request_delayed, ProviderFault::RequestDelayed(arrives)),
            (self.truncated, ProviderFault::Truncated),
            (self.rate_limited, ProviderFault::RateLimited(told)),
            (self.server_error, ProviderFault::ServerError { status, applied: dice.chance_per_mille(500) }),
            (self.unauthorized, ProviderFault::Unauthorized),
        ];
        possible
            .into_iter()
            .find(|(often, _)| dice.chance_per_mille(*often))
            .map_or(ProviderFault::None, |(_, fate)| fate)
    }
}

fn retry_after(dice: &mut Rng) -> Option<RetryAfter> {
    match dice.in_range(0, 9) {
        0 | 1 => None,
        2..=5 => Some(RetryAfter::Seconds(dice.in_range(0, 90))),
        6 => Some(RetryAfter::Date(u32::try_from(dice.in_range(1, 90)).unwrap_or(1))),
        7 => Some(RetryAfter::Negative),
        8 => Some(RetryAfter::Malformed),
        _ => Some(RetryAfter::Seconds(if dice.chance_per_mille(200) { 1_000_000_000 } else { 600 })),
    }
}

/// One kill that was planned: at which call of the run, counted from zero, and on which side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kill {
    /// The call.
    pub(crate) call: usize,
    /// Whether the call is still carried out.
    pub(crate) after: bool,
}

/// Where the fates of calls come from.
#[derive(Clone, Debug)]
pub(crate) enum FaultPlan {
    /// Everything works.
    NoFaults,
    /// Drawn from a profile.
    Random(FaultProfile),
    /// Kills at chosen calls, and nothing else.
    Kills(Vec<Kill>),
    /// Kills at every call to a provider: a task that takes its worker with it whenever it is tried.
    KillEveryProviderCall {
        /// Whether the call is still carried out.
        after: bool,
    },
}

impl FaultPlan {
    fn planned_kill(kills: &[Kill], call: usize) -> Option<bool> {
        kills.iter().find(|kill| kill.call == call).map(|kill| kill.after)
    }

    /// What becomes of the run's `call`-th call, which is one to the store.
    pub(crate) fn store(&self, dice: &mut Rng, call: usize) -> StoreFault {
        match self {
            Self::NoFaults | Self::KillEveryProviderCall { .. } => StoreFault::None,
            Self::Random(profile) => profile.store(dice),
            Self::Kills(kills) => match Self::planned_kill(kills, call) {
                None => StoreFault::None,
                Some(false) => StoreFault::KilledBefore,
                Some(true) => StoreFault::KilledAfter,
            },
        }
    }

    /// What becomes of the run's `call`-th call, which is one to a provider.
    pub(crate) fn provider(&self, dice: &mut Rng, call: usize, is_read: bool) -> ProviderFault {
        match self {
            Self::NoFaults => ProviderFault::None,
            Self::KillEveryProviderCall { after: false } => ProviderFault::KilledBefore,
            Self::KillEveryProviderCall { after: true } => ProviderFault::KilledAfter,
            Self::Random(profile) => profile.provider(dice, is_read),
            Self::Kills(kills) => match Self::planned_kill(kills, call) {
                None => ProviderFault::None,
                Some(false) => ProviderFault::KilledBefore,
                Some(true) => ProviderFault::KilledAfter,
            },
        }
    }
}

//! Fault injection: the fault of each call is drawn from a profile, which is drawn per seed.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::time::Duration;

use crate::random::Rng;

/// The fault of one call to the store or the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreFault {
    /// The call is executed and answered.
    None,
    /// The call is refused with this code and not executed.
    Refused(&'static str),
    /// The call is executed and its response is lost.
    ResponseLost,
    /// The call is executed at once and its response is delayed.
    ResponseDelayed(Duration),
    /// The call is executed late, even if its caller no longer waits.
    RequestDelayed(Duration),
    /// The caller is killed before the call is sent.
    KilledBefore,
    /// The call is executed and the caller is killed before the response.
    KilledAfter,
}

/// The fault of one call to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderFault {
    /// The call is executed and answered.
    None,
    /// The connection fails and nothing is sent.
    NotSent,
    /// The call is executed and its response is lost.
    ResponseLost,
    /// The call is executed at once and its response is delayed.
    ResponseDelayed(Duration),
    /// The call is executed late, even if its caller no longer waits.
    RequestDelayed(Duration),
    /// The call is executed and half of the response's body arrives.
    Truncated,
    /// The call is not executed: 429 with this `Retry-After`.
    RateLimited(Option<RetryAfter>),
    /// A server error, before or after the call was executed.
    ServerError {
        /// The status code.
        status: u16,
        /// True if the call was executed.
        applied: bool,
    },
    /// The provider rejects the token and does not execute the call.
    Unauthorized,
    /// A read returns the state of some time ago.
    StaleRead(Duration),
    /// The caller is killed before the call is sent.
    KilledBefore,
    /// The call is executed and the caller is killed before the response.
    KilledAfter,
}

/// The forms of a `Retry-After` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// Whole seconds, possibly excessive.
    Seconds(u64),
    /// An HTTP date this many seconds ahead.
    Date(u32),
    /// A negative number.
    Negative,
    /// An unparsable text.
    Malformed,
}

/// The frequency of each fault per thousand calls. Most seeds have only a few kinds of faults: many at once mask each other
/// (Groce et al., "Swarm Testing", 2012).
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
    /// True if no rate limit names a time to wait.
    omits_retry_after: bool,
    /// Kills at a call. Times ten, also the frequency of kills at any other moment per thousand invocations.
    pub(crate) killed: u64,
    /// Freezes of a worker while a call of it to a provider connects. A twentieth of that, while one to the store does.
    frozen: u64,
}

impl FaultProfile {
    /// Draws the kinds of faults of a seed and their frequency.
    pub(crate) fn random(rng: &mut Rng) -> Self {
        let omits_retry_after = rng.chance_per_mille(200);
        let mut often = |most: u64| if rng.chance_per_mille(450) { rng.in_range(most / 10, most) } else { 0 };
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
            omits_retry_after,
            killed: often(50),
            frozen: 0,
        }
    }

    /// Draws the frequency of freezes, in one of eight seeds, from a generator of its own: the other seeds stay as they are.
    pub(crate) fn with_freezes(self, seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x6672_6565_7a65);
        let frozen = if rng.chance_per_mille(125) { rng.in_range(20, 200) } else { 0 };
        Self { frozen, ..self }
    }

    /// Draws the freeze of a worker at a call: either shorter than the timers of a call, which go on in virtual time, or longer than
    /// its leases, which end `lease` after the start of an invocation.
    fn freeze(&self, rng: &mut Rng, of_store: bool, lease: Duration) -> Option<Duration> {
        let often = if of_store { self.frozen / 20 } else { self.frozen };
        if often == 0 || !rng.chance_per_mille(often) {
            return None;
        }
        let short = Duration::from_millis(rng.in_range(100, 8_000));
        let long = lease + Duration::from_millis(rng.in_range(0, 60_000));
        Some(if rng.chance_per_mille(300) { short } else { long })
    }

    fn kill<T>(&self, rng: &mut Rng, before: T, after: T) -> Option<T> {
        let killed = rng.chance_per_mille(self.killed);
        killed.then(|| if rng.chance_per_mille(500) { before } else { after })
    }

    /// Draws the fault of a call to the store.
    pub(crate) fn store(&self, rng: &mut Rng) -> StoreFault {
        if let Some(kill) = self.kill(rng, StoreFault::KilledBefore, StoreFault::KilledAfter) {
            return kill;
        }
        if rng.chance_per_mille(self.throttled) {
            return StoreFault::Refused(rng.choose(&[
                "ProvisionedThroughputExceededException",
                "ThrottlingException",
                "RequestLimitExceeded",
                "InternalServerError",
            ]));
        }
        if rng.chance_per_mille(self.store_response_lost) {
            return StoreFault::ResponseLost;
        }
        if rng.chance_per_mille(self.store_delayed) {
            let by = Duration::from_millis(rng.in_range(50, 9_000));
            return if rng.chance_per_mille(500) {
                StoreFault::ResponseDelayed(by)
            } else {
                StoreFault::RequestDelayed(by)
            };
        }
        StoreFault::None
    }

    /// Draws the fault of a call to a provider.
    pub(crate) fn provider(&self, rng: &mut Rng, is_read: bool) -> ProviderFault {
        if let Some(kill) = self.kill(rng, ProviderFault::KilledBefore, ProviderFault::KilledAfter) {
            return kill;
        }
        if is_read && rng.chance_per_mille(self.stale_read) {
            return ProviderFault::StaleRead(Duration::from_millis(rng.in_range(100, 10_000)));
        }
        let late = Duration::from_millis(rng.in_range(500, 14_000));
        // A request still in flight when its caller has given up. Real providers' queues are far faster.
        let arrives = Duration::from_millis(rng.in_range(500, 4_000));
        let status = rng.choose(&[500, 502, 503, 504]);
        let delay = retry_after(rng).filter(|_| !self.omits_retry_after);
        let possible = [
            (self.not_sent, ProviderFault::NotSent),
            (self.response_lost, ProviderFault::ResponseLost),
            (self.response_delayed, ProviderFault::ResponseDelayed(late)),
            (self.request_delayed, ProviderFault::RequestDelayed(arrives)),
            (self.truncated, ProviderFault::Truncated),
            (self.rate_limited, ProviderFault::RateLimited(delay)),
            (self.server_error, ProviderFault::ServerError { status, applied: rng.chance_per_mille(500) }),
            (self.unauthorized, ProviderFault::Unauthorized),
        ];
        possible
            .into_iter()
            .find(|(often, _)| rng.chance_per_mille(*often))
            .map_or(ProviderFault::None, |(_, fault)| fault)
    }
}

fn retry_after(rng: &mut Rng) -> Option<RetryAfter> {
    match rng.in_range(0, 9) {
        0 | 1 => None,
        2..=5 => Some(RetryAfter::Seconds(rng.in_range(0, 90))),
        6 => Some(RetryAfter::Date(u32::try_from(rng.in_range(1, 90)).unwrap_or(1))),
        7 => Some(RetryAfter::Negative),
        8 => Some(RetryAfter::Malformed),
        _ => Some(RetryAfter::Seconds(if rng.chance_per_mille(200) { 1_000_000_000 } else { 600 })),
    }
}

/// One planned kill: the number of the call in the run, from zero, and the side of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kill {
    /// The number of the call.
    pub(crate) call: usize,
    /// True if the call is executed before the kill.
    pub(crate) after: bool,
}

/// The source of the faults of a run.
#[derive(Clone, Debug)]
pub(crate) enum FaultPlan {
    /// No faults.
    NoFaults,
    /// Faults drawn from a profile.
    Random(FaultProfile),
    /// Only kills at planned calls.
    Kills(Vec<Kill>),
    /// A kill at each call of these tasks that creates something.
    Killers(Range<usize>),
    /// A kill at every provider call: a task that kills every worker.
    KillEveryProviderCall {
        /// True if the call is executed before the kill.
        after: bool,
    },
}

impl FaultPlan {
    fn planned_kill(kills: &[Kill], call: usize) -> Option<bool> {
        kills.iter().find(|kill| kill.call == call).map(|kill| kill.after)
    }

    /// The time for which a worker is frozen while a call of it connects, if it is.
    pub(crate) fn freeze(&self, rng: &mut Rng, of_store: bool, lease: Duration) -> Option<Duration> {
        match self {
            Self::Random(profile) => profile.freeze(rng, of_store, lease),
            Self::NoFaults | Self::Kills(_) | Self::Killers(_) | Self::KillEveryProviderCall { .. } => None,
        }
    }

    /// The fault of the run's `call`-th call, to the store.
    pub(crate) fn store(&self, rng: &mut Rng, call: usize) -> StoreFault {
        match self {
            Self::NoFaults | Self::Killers(_) | Self::KillEveryProviderCall { .. } => StoreFault::None,
            Self::Random(profile) => profile.store(rng),
            Self::Kills(kills) => match Self::planned_kill(kills, call) {
                None => StoreFault::None,
                Some(false) => StoreFault::KilledBefore,
                Some(true) => StoreFault::KilledAfter,
            },
        }
    }

    /// The fault of the run's `call`-th call, to a provider. `creator`: the task of a call that creates something.
    pub(crate) fn provider(&self, rng: &mut Rng, call: usize, is_read: bool, creator: Option<usize>) -> ProviderFault {
        match self {
            Self::Killers(killers) if creator.is_some_and(|task| killers.contains(&task)) => {
                ProviderFault::KilledBefore
            }
            Self::NoFaults | Self::Killers(_) => ProviderFault::None,
            Self::KillEveryProviderCall { after: false } => ProviderFault::KilledBefore,
            Self::KillEveryProviderCall { after: true } => ProviderFault::KilledAfter,
            Self::Random(profile) => profile.provider(rng, is_read),
            Self::Kills(kills) => match Self::planned_kill(kills, call) {
                None => ProviderFault::None,
                Some(false) => ProviderFault::KilledBefore,
                Some(true) => ProviderFault::KilledAfter,
            },
        }
    }
}

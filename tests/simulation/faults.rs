//! What may go wrong with a call, and how often: drawn at each call, from a profile the seed has drawn before.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::random::Dice;

/// What becomes of one call to the store or the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreFate {
    /// It is carried out and answered.
    Served,
    /// It is refused with this code and not carried out.
    Refused(&'static str),
    /// It is carried out and the answer is lost.
    AnswerLost,
    /// It is carried out at once and answered late.
    AnswerLate(Duration),
    /// It is carried out late, whether or not its caller still waits.
    ArrivesLate(Duration),
    /// Its caller is killed before it leaves.
    KilledBefore,
    /// It is carried out and its caller is killed before the answer comes.
    KilledAfter,
}

/// What becomes of one call to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderFate {
    /// It is carried out and answered.
    Served,
    /// No byte of it leaves.
    NotSent,
    /// It is carried out and the answer is lost.
    AnswerLost,
    /// It is carried out at once and answered late.
    AnswerLate(Duration),
    /// It is carried out late, whether or not its caller still waits.
    ArrivesLate(Duration),
    /// It is carried out and half of the answer's body comes.
    Cut,
    /// Too many calls: not carried out, with this `Retry-After`.
    TooMany(Option<RetryAfter>),
    /// An error of the server, before or after it was carried out.
    Failed {
        /// The status.
        status: u16,
        /// Whether it was carried out.
        applied: bool,
    },
    /// The provider refuses the token and carries nothing out.
    Unauthorized,
    /// A read is answered as the world was some time ago.
    Stale(Duration),
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
    Junk,
}

/// How often each fault happens, in a thousand calls. Most seeds have a few kinds of faults only: many at once hide each
/// other (Groce et al., "Swarm Testing", 2012).
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    throttled: u64,
    store_lost: u64,
    store_late: u64,
    not_sent: u64,
    answer_lost: u64,
    answer_late: u64,
    arrives_late: u64,
    cut: u64,
    too_many: u64,
    failed: u64,
    unauthorized: u64,
    stale: u64,
    /// Kills at a call; also the chance, in a thousand invocations, of one at any other moment, times ten.
    pub(crate) killed: u64,
}

impl Profile {
    /// Draws which kinds of faults a seed has and how often.
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let mut often = |most: u64| if dice.chance(450) { dice.between(most / 10, most) } else { 0 };
        Self {
            throttled: often(300),
            store_lost: often(150),
            store_late: often(60),
            not_sent: often(150),
            answer_lost: often(300),
            answer_late: often(150),
            arrives_late: often(100),
            cut: often(150),
            too_many: often(250),
            failed: often(250),
            unauthorized: often(40),
            stale: often(900),
            killed: often(50),
        }
    }

    fn kill<T>(&self, dice: &mut Dice, before: T, after: T) -> Option<T> {
        let killed = dice.chance(self.killed);
        killed.then(|| if dice.chance(500) { before } else { after })
    }

    /// What becomes of a call to the store.
    pub(crate) fn store(&self, dice: &mut Dice) -> StoreFate {
        if let Some(kill) = self.kill(dice, StoreFate::KilledBefore, StoreFate::KilledAfter) {
            return kill;
        }
        if dice.chance(self.throttled) {
            return StoreFate::Refused(dice.pick(&[
                "ProvisionedThroughputExceededException",
                "ThrottlingException",
                "RequestLimitExceeded",
                "InternalServerError",
            ]));
        }
        if dice.chance(self.store_lost) {
            return StoreFate::AnswerLost;
        }
        if dice.chance(self.store_late) {
            let by = Duration::from_millis(dice.between(50, 9_000));
            return if dice.chance(500) { StoreFate::AnswerLate(by) } else { StoreFate::ArrivesLate(by) };
        }
        StoreFate::Served
    }

    /// What becomes of a call to a provider.
    pub(crate) fn provider(&self, dice: &mut Dice, is_read: bool) -> ProviderFate {
        if let Some(kill) = self.kill(dice, ProviderFate::KilledBefore, ProviderFate::KilledAfter) {
            return kill;
        }
        if is_read && dice.chance(self.stale) {
            return ProviderFate::Stale(Duration::from_millis(dice.between(100, 10_000)));
        }
        let late = Duration::from_millis(dice.between(500, 14_000));
        // A request that is still on its way when its caller has given up. Providers' own queues are far faster.
        let arrives = Duration::from_millis(dice.between(500, 4_000));
        let status = dice.pick(&[500, 502, 503, 504]);
        let told = retry_after(dice);
        let possible = [
            (self.not_sent, ProviderFate::NotSent),
            (self.answer_lost, ProviderFate::AnswerLost),
            (self.answer_late, ProviderFate::AnswerLate(late)),
            (self.arrives_late, ProviderFate::ArrivesLate(arrives)),
            (self.cut, ProviderFate::Cut),
            (self.too_many, ProviderFate::TooMany(told)),
            (self.failed, ProviderFate::Failed { status, applied: dice.chance(500) }),
            (self.unauthorized, ProviderFate::Unauthorized),
        ];
        possible.into_iter().find(|(often, _)| dice.chance(*often)).map_or(ProviderFate::Served, |(_, fate)| fate)
    }
}

fn retry_after(dice: &mut Dice) -> Option<RetryAfter> {
    match dice.between(0, 9) {
        0 | 1 => None,
        2..=5 => Some(RetryAfter::Seconds(dice.between(0, 90))),
        6 => Some(RetryAfter::Date(u32::try_from(dice.between(1, 90)).unwrap_or(1))),
        7 => Some(RetryAfter::Negative),
        8 => Some(RetryAfter::Junk),
        _ => Some(RetryAfter::Seconds(if dice.chance(200) { 1_000_000_000 } else { 600 })),
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
pub(crate) enum Weather {
    /// Everything works.
    Fair,
    /// Drawn from a profile.
    Drawn(Profile),
    /// Kills at chosen calls, and nothing else.
    Kills(Vec<Kill>),
    /// Kills at every call to a provider: a task that takes its worker with it whenever it is tried.
    Poison {
        /// Whether the call is still carried out.
        after: bool,
    },
}

impl Weather {
    fn planned(kills: &[Kill], call: usize) -> Option<bool> {
        kills.iter().find(|kill| kill.call == call).map(|kill| kill.after)
    }

    /// What becomes of the run's `call`-th call, which is one to the store.
    pub(crate) fn store(&self, dice: &mut Dice, call: usize) -> StoreFate {
        match self {
            Self::Fair | Self::Poison { .. } => StoreFate::Served,
            Self::Drawn(profile) => profile.store(dice),
            Self::Kills(kills) => match Self::planned(kills, call) {
                None => StoreFate::Served,
                Some(false) => StoreFate::KilledBefore,
                Some(true) => StoreFate::KilledAfter,
            },
        }
    }

    /// What becomes of the run's `call`-th call, which is one to a provider.
    pub(crate) fn provider(&self, dice: &mut Dice, call: usize, is_read: bool) -> ProviderFate {
        match self {
            Self::Fair => ProviderFate::Served,
            Self::Poison { after: false } => ProviderFate::KilledBefore,
            Self::Poison { after: true } => ProviderFate::KilledAfter,
            Self::Drawn(profile) => profile.provider(dice, is_read),
            Self::Kills(kills) => match Self::planned(kills, call) {
                None => ProviderFate::Served,
                Some(false) => ProviderFate::KilledBefore,
                Some(true) => ProviderFate::KilledAfter,
            },
        }
    }
}

//! The strangeness of the providers in one run. Each part of it is drawn by itself.

use sandbox::Strangeness;
use sandbox::strangeness::{OldestPage, SlackLimits};

use crate::random::Rng;

/// The longest lag of lists in seconds. The engine trusts a list after 30 s.
const MAX_LIST_LAG_SECONDS: u64 = 20;

/// Draws the strangeness of a seed.
pub(crate) fn random(rng: &mut Rng) -> Strangeness {
    let mut drawn = Strangeness::documented();
    let strange = Strangeness::content();
    drawn.list_lag_seconds = i64::try_from(rng.in_range(0, MAX_LIST_LAG_SECONDS)).unwrap_or_default();
    drawn.asana.is_organization = is_drawn(rng);
    drawn.asana.has_private_project = is_drawn(rng);
    drawn.asana.refuses_made_changes = is_drawn(rng);
    drawn.gmail.drops_unknown_headers = is_drawn(rng);
    drawn.notion.rounds_times = is_drawn(rng);
    drawn.notion.shortens_pages = is_drawn(rng);
    drawn.notion.query_limit = strange.notion.query_limit.filter(|_| is_drawn(rng));
    drawn.slack.rewrites_texts = is_drawn(rng);
    drawn.slack.completes_app_messages = is_drawn(rng);
    drawn.slack.has_alerts = drawn.slack.completes_app_messages;
    drawn.slack.oldest_page = rng.choose(&[OldestPage::Newest, OldestPage::ClosestToOldest]);
    drawn.slack.limits = rng.choose(&[SlackLimits::None, SlackLimits::Internal, SlackLimits::OutsideMarketplace]);
    drawn
}

fn is_drawn(rng: &mut Rng) -> bool {
    rng.chance_per_mille(500)
}

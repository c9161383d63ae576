//! The search for the draft that an effect created, where the response with its id was lost.
//!
//! The draft has the effect key in a header. A person's edit drops such a header, and so may a mail program: then the draft is known
//! by its recipients, subject and text, and by its age.

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::SignedDuration;

use super::MAX_CONCURRENT_READS;
use super::draft::{self, Draft, EffectKey};
use super::outgoing_mail::OutgoingMail;
use super::same_mail;
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// Maximum difference between Google's clock and ours.
pub(super) const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(1);
/// Drafts per page, and maximum number of pages to read in one search.
const PAGE_LIMIT: u32 = 20;
const MAX_PAGES: usize = 3;

/// The drafts that were written since the attempt began.
#[derive(Default)]
pub(super) struct RecentDrafts {
    /// The draft with this effect's key.
    pub(super) keyed: Option<Draft>,
    /// The drafts without any key, with their headers.
    pub(super) unkeyed: Vec<Draft>,
    /// The page on which the next search goes on, if there are more drafts than were read.
    pub(super) next_page: Option<String>,
}

/// The drafts without a key that have the same recipients and subject as a mail.
#[derive(Default)]
pub(super) struct ComparedDrafts {
    /// Those with the same content too.
    pub(super) identical: Vec<Draft>,
    /// True if there are others: another mail, or this one after a person edited it.
    pub(super) has_others: bool,
}

/// Reads the newest drafts until one is older than the attempt, from a page on.
///
/// # Errors
/// A failure of a call, except a rate limit after the first page.
pub(super) async fn read_recent(api: &Api<'_>, first_page: Option<&str>) -> Result<RecentDrafts> {
    let earliest = api.attempted_at - MAX_CLOCK_SKEW;
    let mut recent = RecentDrafts { next_page: first_page.map(ToOwned::to_owned), ..RecentDrafts::default() };
    for page_number in 0..MAX_PAGES {
        let (drafts, next_page) = match read_page(api, recent.next_page.as_deref()).await {
            Err(error) if page_number > 0 && error.is_rate_limit() => return Ok(recent),
            page => page?,
        };
        let mut has_older = false;
        for draft in drafts {
            let message = draft.message(api)?;
            match EffectKey::of(api, message) {
                EffectKey::Own => return Ok(RecentDrafts { keyed: Some(draft), ..RecentDrafts::default() }),
                EffectKey::Another => {}
                EffectKey::None => match message.date() {
                    Some(date) if date < earliest => has_older = true,
                    Some(_) if api.previous_external_id != Some(draft.id.as_str()) => recent.unkeyed.push(draft),
                    Some(_) | None => {}
                },
            }
        }
        // The list has no dates and cannot be bounded in the request; its newest drafts come first.
        recent.next_page = next_page.filter(|_| !has_older);
        if recent.next_page.is_none() {
            return Ok(recent);
        }
    }
    Ok(recent)
}

/// Reads a page of drafts with their headers. A draft that is deleted after it was listed is left out.
async fn read_page(api: &Api<'_>, page: Option<&str>) -> Result<(Vec<Draft>, Option<String>)> {
    let listed = draft::list(api, PAGE_LIMIT, page).await?;
    let reads = stream::iter(listed.drafts).map(|entry| async move { draft::get(api, &entry.id).await });
    let drafts: Vec<Option<Draft>> = reads.buffered(MAX_CONCURRENT_READS).try_collect().await?;
    Ok((drafts.into_iter().flatten().collect(), listed.next_page_token))
}

/// Compares drafts without a key with the mail that this effect writes.
///
/// # Errors
/// A failure of a call.
pub(super) async fn compare(api: &Api<'_>, mail: &OutgoingMail, unkeyed: Vec<Draft>) -> Result<ComparedDrafts> {
    let mut compared = ComparedDrafts::default();
    for draft in unkeyed {
        if !same_mail::is_addressed_alike(mail, draft.message(api)?) {
            continue;
        }
        match draft::get_full(api, &draft.id).await {
            // A content that is too long to be read cannot be compared.
            Err(error) if error.kind() == Some(Kind::ResponseTooLarge) => compared.has_others = true,
            read => match read? {
                Some(full) if same_mail::has_same_content(mail, full.message(api)?) => compared.identical.push(full),
                Some(_) => compared.has_others = true,
                None => {}
            },
        }
    }
    Ok(compared)
}

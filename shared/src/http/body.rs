//! The body of a response: it is read whole, and a long one in a slot of the budget; or it is streamed.

use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt as _};
use http::StatusCode;
use hyper::body::{Body as _, Incoming};
use std::future::poll_fn;
use std::pin::Pin;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::budget::{ActionSlots, ResponseBudget, SMALL_RESPONSE_BYTES, Slot, Unbudgeted};
use super::client::describe;
use super::fence::{Fence, NotAfter};
use super::payload::{Body, StreamError};
use super::pool::Lent;
use super::{HttpError, MAX_RESPONSE_BYTES, Request, Response, TOTAL_TIMEOUT};

/// The terms of a request for the memory of its response.
pub(super) struct SlotTerms {
    /// The end of a wait for a slot, beside the longest one.
    pub(super) not_after: Option<NotAfter>,
    /// The slots of the action that sends the request.
    slots: ActionSlots,
    is_budgeted: bool,
}

impl SlotTerms {
    /// Reads the extensions of a request.
    pub(super) fn of(request: &Request) -> Self {
        let extensions = request.extensions();
        Self {
            not_after: extensions.get().cloned(),
            slots: extensions.get().cloned().unwrap_or_default(),
            is_budgeted: extensions.get::<Unbudgeted>().is_none(),
        }
    }

    /// Waits until no slot may be waited for any more.
    async fn end(&self) {
        let longest = sleep(TOTAL_TIMEOUT);
        match &self.not_after {
            Some(not_after) => tokio::select! { () = longest => {}, () = not_after.pass() => {} },
            None => longest.await,
        }
    }
}

/// The reader of one body.
pub(super) struct BodyReader<'a> {
    pub(super) budget: &'a ResponseBudget,
    pub(super) terms: &'a SlotTerms,
    pub(super) fence: &'a Fence,
    /// The end of the exchange, apart from the wait for a slot.
    pub(super) expires_at: Instant,
}

impl BodyReader<'_> {
    /// Reads the whole body of a response. One that is too long is not read to its end.
    pub(super) async fn read(mut self, received: http::Response<Incoming>) -> Result<Response, HttpError> {
        let (parts, mut incoming) = received.into_parts();
        let known = usize::try_from(incoming.size_hint().lower()).unwrap_or(usize::MAX);
        if known > MAX_RESPONSE_BYTES {
            return Err(HttpError::TooLarge(parts.status));
        }
        let (mut body, mut slot) = (BytesMut::new(), None);
        let free = if self.terms.is_budgeted { SMALL_RESPONSE_BYTES } else { MAX_RESPONSE_BYTES };
        let mut has_ended = known <= free && self.fill(&mut incoming, &mut body, free, None).await?;
        if !has_ended && self.terms.is_budgeted {
            let taken = self.take_slot(parts.status).await?;
            taken.add(body.len());
            body.reserve(known.saturating_sub(body.len()));
            has_ended = self.fill(&mut incoming, &mut body, MAX_RESPONSE_BYTES, Some(&taken)).await?;
            slot = Some(taken);
        }
        if !has_ended {
            return Err(HttpError::TooLarge(parts.status));
        }
        let mut response = http::Response::new(Body::from(body.freeze()));
        *response.status_mut() = parts.status;
        *response.headers_mut() = parts.headers;
        if let Some(slot) = slot {
            response.extensions_mut().insert(slot);
        }
        Ok(response)
    }

    /// Reads frames until the body has more than `limit` bytes. Returns true if it has ended before.
    async fn fill(
        &self,
        incoming: &mut Incoming,
        body: &mut BytesMut,
        limit: usize,
        slot: Option<&Slot>,
    ) -> Result<bool, HttpError> {
        let frames = async {
            while let Some(frame) = poll_fn(|cx| Pin::new(&mut *incoming).poll_frame(cx)).await {
                let Ok(data) = frame.map_err(|error| self.fence.fail(describe(&error)))?.into_data() else { continue };
                body.extend_from_slice(&data);
                if let Some(slot) = slot {
                    slot.add(data.len());
                }
                if body.len() > limit {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        timeout_at(self.expires_at, frames).await.unwrap_or_else(|_| Err(self.fence.fail("it took too long")))
    }

    /// Takes a slot for the rest of the body: the one that the action has reserved, or a free one.
    async fn take_slot(&mut self, status: StatusCode) -> Result<Slot, HttpError> {
        if let Some(slot) = self.terms.slots.reserved().or_else(|| self.budget.try_take()) {
            return Ok(slot);
        }
        self.terms.slots.record_wait();
        let waits_since = Instant::now();
        let slot = tokio::select! {
            biased;
            slot = self.budget.take() => slot,
            () = self.terms.end() => return Err(HttpError::NoMemory(status)),
        };
        self.expires_at += waits_since.elapsed();
        Ok(slot)
    }
}

/// Returns a response with its body as a stream. The connection returns to the pool at the end of the stream.
pub(super) fn stream(received: http::Response<Incoming>, lent: Lent) -> Response {
    let (parts, incoming) = received.into_parts();
    let length = incoming.size_hint().exact();
    let chunks = stream::unfold(Some((incoming, lent)), |reading| async {
        let (mut incoming, lent) = reading?;
        match next_chunk(&mut incoming).await {
            Some(Ok(chunk)) => Some((Ok(chunk), Some((incoming, lent)))),
            Some(Err(error)) => Some((Err(error), None)),
            None => {
                lent.give_back();
                None
            }
        }
    });
    http::Response::from_parts(parts, Body::stream(length, chunks.boxed()))
}

/// Returns the next bytes of a body; `None` at its end.
async fn next_chunk(incoming: &mut Incoming) -> Option<Result<Bytes, StreamError>> {
    loop {
        let Ok(frame) = timeout(TOTAL_TIMEOUT, poll_fn(|cx| Pin::new(&mut *incoming).poll_frame(cx))).await else {
            return Some(Err(StreamError("its next bytes took too long".to_owned())));
        };
        match frame?.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) => return Some(Ok(data)),
            // Trailers.
            Ok(Err(_)) => {}
            Err(error) => return Some(Err(StreamError(describe(&error)))),
        }
    }
}

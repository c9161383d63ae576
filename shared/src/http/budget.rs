//! The memory for long responses: a process holds only so many of them at a time.
//!
//! A response of up to [`SMALL_RESPONSE_BYTES`] is free. A longer one is read on in a *slot*, and waits for one if all are taken. The
//! slot lives as long as what is made of the response: [`Response`](super::Response) carries it in its extensions, and an action that
//! goes on with what it read reserves it in its [`ActionSlots`].
//!
//! No two requests wait for each other: a response has at most one slot and needs nothing else but its server to be read to its end;
//! and an action that has reserved a slot reads its further responses into that one, so it never waits for a second.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Size up to which a response needs no slot.
pub const SMALL_RESPONSE_BYTES: usize = 64 * 1024;

/// Memory of the code, the SDK and the connections to the store.
const BASE_MIB: usize = 64;
/// Memory of one attempt: five connections that read small responses or wait for a slot, and a list that the action collects.
const ATTEMPT_MIB: usize = 3;
/// Memory of a slot: a response of 5 MiB, the values parsed of it, and what an action makes of them, such as a mail with its files.
const SLOT_MIB: usize = 32;
/// Memory of a function where nothing says how much it has.
const DEFAULT_MEMORY_MIB: usize = 256;

/// The slots of a process. Clones share them.
#[derive(Clone, Debug)]
pub struct ResponseBudget(Arc<Slots>);

#[derive(Debug)]
struct Slots {
    free: Arc<Semaphore>,
    held_bytes: AtomicUsize,
    peak_bytes: AtomicUsize,
}

impl Default for ResponseBudget {
    fn default() -> Self {
        Self::of_memory(DEFAULT_MEMORY_MIB, 1)
    }
}

impl ResponseBudget {
    /// Returns the slots of a process with so much memory, in MiB, that runs so many attempts at a time: at least one.
    ///
    /// ```
    /// use engine::http::ResponseBudget;
    ///
    /// assert_eq!(ResponseBudget::of_memory(384, 64).free_slots(), 4);
    /// assert_eq!(ResponseBudget::of_memory(256, 1).free_slots(), 5);
    /// ```
    pub fn of_memory(mib: usize, attempts: usize) -> Self {
        Self::of_slots((mib.saturating_sub(BASE_MIB + attempts * ATTEMPT_MIB) / SLOT_MIB).max(1))
    }

    /// Returns a number of slots.
    pub fn of_slots(slots: usize) -> Self {
        let (held_bytes, peak_bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self(Arc::new(Slots { free: Arc::new(Semaphore::new(slots)), held_bytes, peak_bytes }))
    }

    /// Returns the number of slots that are not taken.
    pub fn free_slots(&self) -> usize {
        self.0.free.available_permits()
    }

    /// Returns the most bytes of long responses that were held at one time.
    pub fn peak_bytes(&self) -> usize {
        self.0.peak_bytes.load(Ordering::Relaxed)
    }

    /// Takes a slot. Those who wait get one in turn.
    pub(super) async fn take(&self) -> Slot {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.0.free).acquire_owned().await.ok();
        Slot(Arc::new(Held { slots: Arc::clone(&self.0), bytes: AtomicUsize::new(0), _permit: permit }))
    }

    /// Takes a slot if one is free and nobody waits.
    pub(super) fn try_take(&self) -> Option<Slot> {
        let permit = Arc::clone(&self.0.free).try_acquire_owned().ok()?;
        Some(Slot(Arc::new(Held { slots: Arc::clone(&self.0), bytes: AtomicUsize::new(0), _permit: Some(permit) })))
    }
}

/// A taken slot. It is free again when its last clone is dropped.
#[derive(Clone, Debug)]
pub struct Slot(Arc<Held>);

#[derive(Debug)]
struct Held {
    slots: Arc<Slots>,
    /// Bytes that were read into the slot.
    bytes: AtomicUsize,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Slot {
    /// Counts bytes that are read into the slot.
    pub(super) fn add(&self, bytes: usize) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        let held = self.0.slots.held_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.0.slots.peak_bytes.fetch_max(held, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.slots.held_bytes.fetch_sub(self.bytes.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// The slots of one attempt, in the extensions of its requests. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct ActionSlots(Arc<Reserved>);

#[derive(Debug, Default)]
struct Reserved {
    slot: Mutex<Option<Slot>>,
    has_waited: AtomicBool,
}

impl ActionSlots {
    /// Reserves the slot of a response until the attempt of the action is recorded. Not for responses that are read in parallel: those
    /// would wait for a slot while the action has one.
    pub(crate) fn reserve(&self, slot: Option<Slot>) {
        if let Some(slot) = slot {
            *self.slot() = Some(slot);
        }
    }

    /// Returns the slot that the action has reserved.
    pub(super) fn reserved(&self) -> Option<Slot> {
        self.slot().clone()
    }

    /// Records that a response waits for a slot.
    pub(super) fn record_wait(&self) {
        self.0.has_waited.store(true, Ordering::Relaxed);
    }

    /// True if a response of the action waited for a slot.
    pub(crate) fn has_waited(&self) -> bool {
        self.0.has_waited.load(Ordering::Relaxed)
    }

    fn slot(&self) -> MutexGuard<'_, Option<Slot>> {
        self.0.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The mark of a request whose response needs no slot: the store must not wait for providers.
#[derive(Clone, Copy, Debug)]
pub struct Unbudgeted;

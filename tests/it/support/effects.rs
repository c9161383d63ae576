//! The ledger of the sandbox in tests: effects by kind, and their number.

use super::{TestApp, sources};
use sandbox::Effect;
use std::fmt;
use std::ops::Deref;

/// The kind of an effect: a change at a provider, a token call, or an event of the engine on its bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EffectKind {
    AttachmentAdded,
    BlocksAppended,
    ChannelCreated,
    CommentAdded,
    DraftCreated,
    DraftDeleted,
    FileShared,
    /// An upload of a file to Notion, which nobody sees before it is attached.
    FileUploadCreated,
    LabelCreated,
    LabelDeleted,
    LabelUpdated,
    MessageDeleted,
    MessagePosted,
    MessageScheduled,
    /// A mail was sent.
    MessageSent,
    PageCreated,
    ProjectCreated,
    SectionCreated,
    TagCreated,
    /// A task of Asana.
    TaskCreated,
    TokenIssued,
    TokenRefreshed,
    TokenRevoked,
    /// The event `circuit_breaker.closed`; the kinds below are events too.
    BreakerClosed,
    BreakerOpened,
    ConnectionCreated,
    ConnectionDeleted,
    ConnectionNeedsReauth,
    /// The request for a further run of the processor.
    RunRequested,
    /// The request to continue the tasks that wait for an account.
    ResumeRequested,
    TaskCompleted,
    TaskFailed,
    TaskNeedsAttention,
    TaskAwaitingConnection,
}
use EffectKind::*;

/// The name of each kind in the ledger.
const NAMES: [(EffectKind, &str); 34] = [
    (AttachmentAdded, "attachment_added"),
    (BlocksAppended, "blocks_appended"),
    (ChannelCreated, "channel_created"),
    (CommentAdded, "comment_added"),
    (DraftCreated, "draft_created"),
    (DraftDeleted, "draft_deleted"),
    (FileShared, "file_shared"),
    (FileUploadCreated, "file_upload_created"),
    (LabelCreated, "label_created"),
    (LabelDeleted, "label_deleted"),
    (LabelUpdated, "label_updated"),
    (MessageDeleted, "message_deleted"),
    (MessagePosted, "message_posted"),
    (MessageScheduled, "message_scheduled"),
    (MessageSent, "message_sent"),
    (PageCreated, "page_created"),
    (ProjectCreated, "project_created"),
    (SectionCreated, "section_created"),
    (TagCreated, "tag_created"),
    (TaskCreated, "task_created"),
    (TokenIssued, "token_issued"),
    (TokenRefreshed, "token_refreshed"),
    (TokenRevoked, "token_revoked"),
    (BreakerClosed, "circuit_breaker.closed"),
    (BreakerOpened, "circuit_breaker.opened"),
    (ConnectionCreated, "integration.connected"),
    (ConnectionDeleted, "integration.disconnected"),
    (ConnectionNeedsReauth, "integration.needs_reauth"),
    (RunRequested, "process-due-tasks"),
    (ResumeRequested, "resume-waiting-tasks"),
    (TaskCompleted, "task.completed"),
    (TaskFailed, "task.failed"),
    (TaskNeedsAttention, "task.needs_attention"),
    (TaskAwaitingConnection, "task.awaiting_connection"),
];

impl EffectKind {
    fn name(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).expect("every kind has a name").1
    }
}

/// The effects of one kind, in order, with the whole ledger for failure messages.
#[derive(Debug)]
pub(crate) struct Effects {
    kind: EffectKind,
    found: Vec<Effect>,
    ledger: Ledger,
}

/// Every effect of a deployment, in order.
#[derive(Debug)]
pub(crate) struct Ledger(pub(crate) Vec<Effect>);

impl TestApp {
    /// The ledger of the providers and of the event bus.
    pub(crate) fn ledger(&self) -> Ledger {
        Ledger(self.sandbox.sandbox.effects())
    }

    /// Every effect of one kind.
    pub(crate) fn effects(&self, kind: EffectKind) -> Effects {
        let ledger = self.ledger();
        let found = ledger.0.iter().filter(|effect| effect.kind == kind.name()).cloned().collect();
        Effects { kind, found, ledger }
    }
}

impl Effects {
    /// Asserts the number of effects.
    #[track_caller]
    pub(crate) fn assert_count(&self, expected: usize) -> &Self {
        let found = self.found.len();
        assert!(found == expected, "{:?}: {found} effects, not {expected}, in {}", self.kind, self.ledger);
        self
    }

    /// Asserts that there is no such effect.
    #[track_caller]
    pub(crate) fn assert_none(&self) {
        self.assert_count(0);
    }

    /// The only effect of this kind; asserts that there is exactly one.
    #[track_caller]
    pub(crate) fn only(mut self) -> Effect {
        self.assert_count(1);
        self.found.remove(0)
    }
}

impl Deref for Effects {
    type Target = [Effect];

    fn deref(&self) -> &[Effect] {
        &self.found
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a ledger of {} effects:", self.0.len())?;
        self.0.iter().try_for_each(|effect| write!(f, "\n  {} {} {}", effect.provider, effect.kind, effect.id))
    }
}

#[test]
fn the_sandbox_or_the_engine_records_every_kind_of_effect() {
    let recorded = [sources("tests/sandbox/src"), sources("shared/src")].concat();
    for (kind, name) in NAMES {
        let quoted = format!("\"{name}\"");
        assert!(recorded.iter().any(|(_, source)| source.contains(&quoted)), "nothing records {kind:?} as {name}");
    }
}

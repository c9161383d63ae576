//! Captures the log lines a deployment writes to stdout, in the deployed format.

use super::TestApp;
use serde_json::Value;
use std::io;
use std::sync::{Arc, Mutex};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// The captured lines of this thread, which only this test uses.
pub(crate) struct Log {
    text: SharedBuffer,
    _subscriber: DefaultGuard,
    /// A second subscriber. With only one, a thread without a subscriber that reaches a log statement first disables it for all.
    _second_dispatch: Dispatch,
}

#[derive(Clone, Default)]
struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for SharedBuffer {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for SharedBuffer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl TestApp {
    /// Captures the log from now on.
    pub(crate) fn capture_log(&self) -> Log {
        let text = SharedBuffer::default();
        let second = Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
        let here = tracing::subscriber::set_default(engine::lambda::log::subscriber(&self.config, text.clone()));
        Log { text, _subscriber: here, _second_dispatch: second }
    }
}

impl Log {
    /// The text since the last call. Panics if it has content (tests use `CANARY`) or a token (they start with `eyJ`).
    fn take(&self) -> String {
        let text = String::from_utf8(std::mem::take(&mut *self.text.0.lock().unwrap())).unwrap();
        assert!(!text.contains("CANARY") && !text.contains("eyJ"), "content or a token: {text}");
        text
    }

    /// The lines since the last call.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.take().lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }
}

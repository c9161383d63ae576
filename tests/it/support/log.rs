//! What a deployment writes to stdout, as it is deployed.

use super::TestApp;
use serde_json::Value;
use std::io;
use std::sync::{Arc, Mutex};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// The lines of this thread, which is the test's alone, for as long as it lives.
pub(crate) struct Log {
    text: SharedBuffer,
    _subscriber: DefaultGuard,
    /// While there is one subscriber alone, a thread without any that comes first to a line decides that nobody wants it.
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
    /// Keeps what is logged from here on.
    pub(crate) fn capture_log(&self) -> Log {
        let text = SharedBuffer::default();
        let second = Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
        let here = tracing::subscriber::set_default(engine::lambda::log::subscriber(&self.config, text.clone()));
        Log { text, _subscriber: here, _second_dispatch: second }
    }
}

impl Log {
    /// The text since the last call. Tests write `CANARY` where content is, and tokens begin with `eyJ`.
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

//! The log of the leak test: as a function writes it, and with every line of every crate.

use engine::config::Config;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

/// The log of this thread, which only this test uses.
#[derive(Clone, Default)]
pub(crate) struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl CapturedLog {
    /// Captures what a function writes with the most detailed setting.
    pub(crate) fn capture(&self) -> Capture {
        let mut variables = sandbox::settings::engine_variables("http://issuer", "http://127.0.0.1:1");
        variables.insert("PLUGIN_ENGINE_LOG".to_owned(), "trace".to_owned());
        let config = Config::read(&|name| variables.get(name).cloned()).unwrap();
        let log = self.clone();
        Capture::start(engine::lambda::log::subscriber(&config, move || log.clone()))
    }

    /// Captures every line of every crate: what a function would write if its setting alone decided.
    pub(crate) fn capture_without_cap(&self) -> Capture {
        let log = self.clone();
        let lines = tracing_subscriber::fmt::layer().with_writer(move || log.clone());
        Capture::start(tracing_subscriber::registry().with(LevelFilter::TRACE).with(lines))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// A running capture.
pub(crate) struct Capture {
    _subscriber: DefaultGuard,
    /// A second subscriber. With only one, a thread without a subscriber that reaches a log statement first disables it for all.
    _second_dispatch: Dispatch,
}

impl Capture {
    fn start(subscriber: impl Subscriber + Send + Sync) -> Self {
        let second = Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
        Self { _subscriber: tracing::subscriber::set_default(subscriber), _second_dispatch: second }
    }
}

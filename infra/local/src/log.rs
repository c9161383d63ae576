//! Logs that are wanted only after a surprise.
#![expect(clippy::print_stderr, reason = "logs go to stderr")]

use std::fs;
use std::path::{Path, PathBuf};

/// Lines that are shown after a surprise.
const TAIL_LINES: usize = 40;

/// A file for the functions' log; it goes with this value.
#[derive(Debug)]
pub struct Log(PathBuf);

impl Log {
    /// A file of this process alone.
    pub fn new() -> Self {
        Self(std::env::temp_dir().join(format!("plugin-engine-{}.log", std::process::id())))
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.0.clone()
    }

    /// Prints its end.
    pub fn print_tail(&self) {
        print_tail("functions", &self.0);
    }
}

/// Prints the end of somebody's log.
pub fn print_tail(whose: &str, log: &Path) {
    let text = fs::read_to_string(log).unwrap_or_default();
    if !text.is_empty() {
        eprintln!("\nThe end of the log ({whose}):\n{}\n", tail(&text));
    }
}

/// The end of a text.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // What a temporary folder keeps is no loss.
        let _ = fs::remove_file(&self.0);
    }
}

//! Log files that are printed only after a failure.
#![expect(clippy::print_stderr, reason = "logs go to stderr")]

use std::fs;
use std::path::{Path, PathBuf};

/// The number of lines that are printed after a failure.
const TAIL_LINES: usize = 40;

/// The log file of the functions. Dropping this value deletes the file.
#[derive(Debug)]
pub struct Log(PathBuf);

impl Log {
    /// Creates the path of a file for this process.
    pub fn new() -> Self {
        Self(std::env::temp_dir().join(format!("plugin-engine-{}.log", std::process::id())))
    }

    /// Returns the path of the file.
    pub fn path(&self) -> PathBuf {
        self.0.clone()
    }

    /// Prints the end of the file.
    pub fn print_tail(&self) {
        print_tail("functions", &self.0);
    }
}

/// Prints the end of a log file; `source` names the program.
pub fn print_tail(source: &str, log: &Path) {
    let text = fs::read_to_string(log).unwrap_or_default();
    if !text.is_empty() {
        eprintln!("\nThe last lines of the log ({source}):\n{}\n", tail(&text));
    }
}

/// Returns the last lines of a text.
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
        // A file that remains in the temporary folder does no harm.
        let _ = fs::remove_file(&self.0);
    }
}

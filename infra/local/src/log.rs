//! Log files that are printed only after a failure.
#![expect(clippy::print_stderr, reason = "logs go to stderr")]

use std::fs;
use std::path::Path;

/// The number of lines that are printed after a failure.
const TAIL_LINES: usize = 40;

/// Prints the end of a log file; `source` names the program.
pub fn print_tail(source: &str, log: &Path) {
    let text = fs::read_to_string(log).unwrap_or_default();
    if !text.is_empty() {
        eprintln!("\nThe last lines of the log ({source}):\n{}\n", tail(&text));
    }
}

/// Prints the last lines of the functions' log that tell of a problem.
pub fn print_problems(log: &Path) {
    let problems = problems(&fs::read_to_string(log).unwrap_or_default());
    if !problems.is_empty() {
        eprintln!("\nThe last warnings, errors and panics in the functions' log:\n{problems}\n");
    }
}

/// Returns the last lines that are warnings or errors, or no lines of a log at all, as those of a panic.
fn problems(text: &str) -> String {
    let levels = ["\"level\":\"WARN\"", "\"level\":\"ERROR\""];
    let is_problem = |line: &&str| !line.starts_with('{') || levels.iter().any(|level| line.contains(level));
    tail(&text.lines().filter(is_problem).collect::<Vec<_>>().join("\n"))
}

/// Returns the last lines of a text.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn information_and_metrics_are_no_problems() {
        let [info, metric] = [r#"{"level":"INFO","message":"a"}"#, r#"{"Tasks":1,"_aws":{}}"#];
        let [warning, panic] = [r#"{"level":"WARN","message":"b"}"#, "thread 'main' panicked at src/lib.rs:1:1:"];
        assert_eq!(problems(&[info, warning, metric, panic].join("\n")), [warning, panic].join("\n"));
    }
}

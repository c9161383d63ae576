//! Regression check: instruction counts compared with the recorded ones. A change beyond the allowed drift fails in both
//! directions, so that the record stays accurate for the next change.
//!
//! The programs are built in the dev profile, which CI has built already. Their counts are several times those of a release build
//! and do not predict it, but they reveal additional work of a change, including work at the start.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::instructions::{InstructionCounts, count_instructions};
use crate::programs::{FUNCTIONS, Programs, build_dev, workspace_root};
use crate::{Result, figures};

/// The allowed relative difference from the record.
const MAX_DRIFT: f64 = 0.05;

/// Instruction counts by function.
type FunctionCounts = BTreeMap<String, InstructionCounts>;

/// Recorded counts and their machine: libraries choose code by CPU, so counts of different CPUs differ.
#[derive(Debug, Serialize, Deserialize)]
struct RecordedCounts {
    machine: String,
    functions: FunctionCounts,
}

/// Returns the path of the record.
fn record_file() -> PathBuf {
    workspace_root().join("tests/bench/recorded.json")
}

/// Builds the two functions, counts their instructions and compares them with the record; `accept` updates the record first.
/// Returns the report.
///
/// # Errors
/// If a count has drifted, or counting fails.
pub async fn check(accept: bool) -> Result<String> {
    let output_dir = figures::output_dir()?;
    let programs = Programs::start(build_dev()?, &output_dir).await?;
    let mut functions = FunctionCounts::new();
    for name in FUNCTIONS {
        functions.insert(name.to_owned(), count_instructions(&programs.function(name)?, &output_dir).await?);
    }
    let counted = RecordedCounts { machine: machine_id()?, functions };
    if accept {
        write_record(&record_file(), &counted)?;
    }
    let recorded: RecordedCounts = serde_json::from_slice(&fs::read(record_file())?)?;
    let Comparison { lines, drifted } = compare(&recorded.functions, &counted.functions);
    let text = lines.join("\n");
    if recorded.machine != counted.machine {
        let (recorded, this) = (recorded.machine, counted.machine);
        return Ok(format!("NOT COMPARED: recorded on {recorded}, but this machine is {this}:\n{text}"));
    }
    if drifted {
        let advice = "If the change is intended, record the new counts with `cargo local bench --accept` and give the reason in the commit.";
        return Err(format!(
            "instruction counts differ from the record by more than {} %:\n{text}\n{advice}",
            MAX_DRIFT * 100.0
        )
        .into());
    }
    Ok(text)
}

fn write_record(file: &Path, counted: &RecordedCounts) -> Result<()> {
    Ok(fs::write(file, serde_json::to_string_pretty(counted)? + "\n")?)
}

/// Returns what the counts depend on besides the programs: CPU and valgrind version.
fn machine_id() -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo")?;
    let first = cpus.split("\n\n").next().unwrap_or_default();
    let value = |name| {
        let fields = first.lines().filter_map(|line| line.split_once(':'));
        fields.filter(|(field, _)| field.trim() == name).map(|(_, value)| value.trim()).collect::<String>()
    };
    let cpu = ["model name", "cpu family", "model", "stepping"].map(value).join(" ");
    let valgrind = Command::new("valgrind").arg("--version").output()?.stdout;
    Ok(format!("{cpu}, {}", String::from_utf8_lossy(&valgrind).trim()))
}

/// A comparison of counts with the record.
struct Comparison {
    /// One line per count.
    lines: Vec<String>,
    /// True if any count has drifted.
    drifted: bool,
}

/// Compares counts with the record.
fn compare(recorded: &FunctionCounts, counted: &FunctionCounts) -> Comparison {
    let mut drifted = false;
    let mut lines = vec![];
    for (name, counts) in counted {
        let before = recorded.get(name).copied().unwrap_or_default();
        let figures = [
            ("init", before.init, counts.init),
            ("first over TLS", before.first_tls, counts.first_tls),
            ("warm", before.warm, counts.warm),
        ];
        for (count, before, after) in figures {
            let change = after as f64 / before as f64 - 1.0;
            // Not `>`: without a record the change is not a number.
            let within_limit = change.abs() <= MAX_DRIFT;
            drifted |= !within_limit;
            let mark = if within_limit { "" } else { "  <-- drifted" };
            lines.push(format!("{name:<14} {count:<14} {before:>12} -> {after:>12} {:>+7.1} %{mark}", change * 100.0));
        }
    }
    Comparison { lines, drifted }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts_with_warm(warm: u64) -> FunctionCounts {
        let counts = InstructionCounts { init: 1_000_000, first_tls: 10_000_000, prewarm: 9_000_000, warm };
        FunctionCounts::from([("f".to_owned(), counts)])
    }

    #[test]
    fn drift_in_either_direction_is_reported() {
        for (warm, drifted) in [(1_000, false), (1_049, false), (951, false), (1_051, true), (949, true)] {
            assert_eq!(compare(&counts_with_warm(1_000), &counts_with_warm(warm)).drifted, drifted, "{warm}");
        }
        assert!(compare(&FunctionCounts::new(), &counts_with_warm(1_000)).drifted, "a count without a record");
    }

    #[test]
    fn both_functions_have_recorded_counts() {
        let recorded: RecordedCounts = serde_json::from_slice(&fs::read(record_file()).unwrap()).unwrap();
        assert_eq!(recorded.functions.keys().map(String::as_str).collect::<Vec<_>>(), FUNCTIONS);
    }
}

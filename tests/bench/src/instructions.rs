//! Instruction counts by valgrind's callgrind. They vary by less than 1 % between runs, on a busy machine too.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::program::Program;

/// Invokes of the shorter run. The difference of the two runs excludes the start.
const SHORT_RUN_INVOKES: u64 = 5;
/// Invokes of the longer run.
const LONG_RUN_INVOKES: u64 = 25;

/// The instruction counts of a program.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct InstructionCounts {
    /// From the process's start to its first poll, without TLS.
    pub init: u64,
    /// From `init` to the first response with DynamoDB behind TLS: opening the connection, before or after the first poll, and
    /// the first event. Zero for a program without TLS.
    pub first_tls: u64,
    /// The part of `first_tls` before the first poll: connection pre-warming.
    pub prewarm: u64,
    /// One warm invoke.
    pub warm: u64,
}

/// Counts a program's instructions. The profile of the longest run is kept in `folder`, for `callgrind_annotate`.
///
/// # Errors
/// If valgrind is missing or the program fails.
pub async fn count_instructions(program: &Program, folder: &Path) -> Result<InstructionCounts> {
    let init = count_run(program, 0, folder).await?;
    let shorter = count_run(program, SHORT_RUN_INVOKES, folder).await?;
    let longer = count_run(program, LONG_RUN_INVOKES, folder).await?;
    let warm = longer.saturating_sub(shorter) / (LONG_RUN_INVOKES - SHORT_RUN_INVOKES);
    if program.tls_variables.is_empty() {
        return Ok(InstructionCounts { init, warm, ..InstructionCounts::default() });
    }
    let tls = program.with_tls();
    let prewarm = count_run(&tls, 0, folder).await?.saturating_sub(init);
    let first_tls = count_run(&tls, 1, folder).await?.saturating_sub(init);
    Ok(InstructionCounts { init, first_tls, prewarm, warm })
}

/// Counts the instructions of a start and `invokes` invokes.
async fn count_run(program: &Program, invokes: u64, folder: &Path) -> Result<u64> {
    let output = folder.join(format!("callgrind.{}.{invokes}", program.name));
    let wrapper = ["valgrind", "--tool=callgrind", "-q", &format!("--callgrind-out-file={}", output.display())]
        .map(str::to_owned);
    let mut function = program.start(&wrapper).await.map_err(|error| format!("valgrind: {error}"))?;
    for _ in 0..invokes {
        program.invoke(&mut function).await?;
    }
    // valgrind writes its counts when the program is terminated by a signal.
    let id = function.process_id().ok_or("the program has exited")?.to_string();
    Command::new("kill").args(["-TERM", &id]).status()?;
    function.wait_exit().await?;
    parse_total(&std::fs::read_to_string(&output)?)
}

/// Returns the total of a callgrind file. <https://valgrind.org/docs/manual/cl-format.html>
fn parse_total(file: &str) -> Result<u64> {
    let line = file.lines().rev().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    Ok(line.ok_or("callgrind wrote no totals")?.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn total_is_parsed() {
        assert_eq!(parse_total("events: Ir\nfn=(1) main\n1 2\ntotals: 12345\n").unwrap(), 12345);
        assert!(parse_total("events: Ir\n").is_err());
    }
}

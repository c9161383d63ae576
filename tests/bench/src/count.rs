//! Instructions, by valgrind's callgrind: the same from run to run within a part in a hundred, on a busy machine too.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::subject::Subject;

/// Warm invokes of the shorter and of the longer run; their difference has no start in it.
const RUNS: (u64, u64) = (5, 25);

/// The instructions of a subject.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Counts {
    /// From the process's start to its first poll, with no connection to open.
    pub init: u64,
    /// What the first answer takes beyond `init` where DynamoDB is behind TLS: opening the connection, wherever the subject
    /// does that, and the first event. Zero for a subject without TLS.
    pub first_https: u64,
    /// The part of `first_https` that is done before the first poll.
    pub opened: u64,
    /// Of one warm invoke.
    pub warm: u64,
}

/// Counts a subject's instructions. The function profile of its longest run stays below `folder`, for `callgrind_annotate`.
///
/// # Errors
/// When valgrind is not there or the subject fails.
pub async fn instructions(subject: &Subject, folder: &Path) -> Result<Counts> {
    let init = run(subject, 0, folder).await?;
    let shorter = run(subject, RUNS.0, folder).await?;
    let longer = run(subject, RUNS.1, folder).await?;
    let warm = longer.saturating_sub(shorter) / (RUNS.1 - RUNS.0);
    if subject.tls.is_empty() {
        return Ok(Counts { init, warm, ..Counts::default() });
    }
    let tls = subject.over_tls();
    let opened = run(&tls, 0, folder).await?.saturating_sub(init);
    let first_https = run(&tls, 1, folder).await?.saturating_sub(init);
    Ok(Counts { init, first_https, opened, warm })
}

/// The instructions of a start and that many invokes.
async fn run(subject: &Subject, invokes: u64, folder: &Path) -> Result<u64> {
    let out = folder.join(format!("callgrind.{}.{invokes}", subject.name));
    let wrapper =
        ["valgrind", "--tool=callgrind", "-q", &format!("--callgrind-out-file={}", out.display())].map(str::to_owned);
    let mut function = subject.start(&wrapper).await.map_err(|error| format!("valgrind: {error}"))?;
    for _ in 0..invokes {
        subject.invoke(&mut function).await?;
    }
    // A signal that ends the program lets valgrind write down what it has counted.
    let id = function.id().ok_or("it has ended")?.to_string();
    Command::new("kill").args(["-TERM", &id]).status()?;
    function.ended().await?;
    totals(&std::fs::read_to_string(&out)?)
}

/// The sum a callgrind file ends with. <https://valgrind.org/docs/manual/cl-format.html>
fn totals(file: &str) -> Result<u64> {
    let line = file.lines().rev().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    Ok(line.ok_or("callgrind wrote no totals")?.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_read() {
        assert_eq!(totals("events: Ir\nfn=(1) main\n1 2\ntotals: 12345\n").unwrap(), 12345);
        assert!(totals("events: Ir\n").is_err());
    }
}

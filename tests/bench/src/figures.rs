//! The whole table: every subject, by the clock and by its instructions, side by side in one run.

use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::instructions::{InstructionCounts, count_instructions};
use crate::program::Program;
use crate::programs::{FUNCTIONS, Programs, build_release, workspace_root};
use crate::timing::Timings;

/// Starts of each subject; the least counts.
const STARTS_PER_PROGRAM: usize = 12;
/// Warm invokes after each start.
const WARM_INVOKES_PER_START: usize = 200;

/// The figures of one subject. Times are in microseconds, sizes in bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The subject.
    pub name: &'static str,
    /// Its program, and zipped as it is deployed; zero for one that is no program of ours.
    pub binary_bytes: u64,
    /// See `size`.
    pub zipped_bytes: u64,
    /// Process start to first poll, least.
    pub init_us: u128,
    /// The first invoke, least.
    pub first_invoke_us: u128,
    /// Process start to first poll with DynamoDB behind TLS, least; zero for a subject without TLS.
    pub init_tls_us: u128,
    /// The first invoke with DynamoDB behind TLS, least.
    pub first_invoke_tls_us: u128,
    /// A warm invoke, median.
    pub warm_p50_us: u128,
    /// CPU time of a warm invoke, mean.
    pub warm_cpu_us: u128,
    /// The most memory it held, in KiB.
    pub max_rss_kib: u64,
    /// Its instructions; `None` for what is no machine code.
    pub instructions: Option<InstructionCounts>,
}

/// Where the bench leaves what it makes: below `target/`.
///
/// # Errors
/// When it cannot be made.
pub fn output_dir() -> Result<PathBuf> {
    let folder = workspace_root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Builds and measures everything.
///
/// # Errors
/// When a part fails.
pub async fn measure() -> Result<Vec<Figures>> {
    let programs = build_release()?;
    let folder = output_dir()?;
    let cast = Programs::start(programs, &folder).await?;
    let mut subjects = cast.baselines()?;
    for name in FUNCTIONS {
        subjects.push(cast.function(name)?);
    }
    let mut seen = vec![(Timings::default(), Timings::default()); subjects.len()];
    // Round by round, so that what else the machine does falls on all alike.
    for _ in 0..STARTS_PER_PROGRAM {
        for (subject, (plain, tls)) in subjects.iter().zip(&mut seen) {
            plain.measure_start(subject, WARM_INVOKES_PER_START).await?;
            if !subject.tls_variables.is_empty() {
                tls.measure_start(&subject.with_tls(), 0).await?;
            }
        }
    }
    let mut figures = vec![];
    for (subject, (plain, tls)) in subjects.iter().zip(&seen) {
        figures.push(figures_of(subject, plain, tls, &folder).await?);
    }
    Ok(figures)
}

async fn figures_of(subject: &Program, plain: &Timings, tls: &Timings, folder: &Path) -> Result<Figures> {
    let (size, zipped) = if subject.is_native { binary_size(&subject.command[0], folder)? } else { (0, 0) };
    Ok(Figures {
        name: subject.name,
        binary_bytes: size,
        zipped_bytes: zipped,
        init_us: plain.init().as_micros(),
        first_invoke_us: plain.min_first_invoke().as_micros(),
        init_tls_us: tls.init().as_micros(),
        first_invoke_tls_us: tls.min_first_invoke().as_micros(),
        warm_p50_us: plain.warm_p50().as_micros(),
        warm_cpu_us: plain.cpu().as_micros(),
        max_rss_kib: plain.max_rss_kib,
        instructions: if subject.is_native { Some(count_instructions(subject, folder).await?) } else { None },
    })
}

/// A program's size, and that of the archive that would be deployed.
fn binary_size(program: &Path, folder: &Path) -> Result<(u64, u64)> {
    let archive = folder.join("package.zip");
    let zipped = Command::new("python3").args(["-m", "zipfile", "-c"]).args([&archive, program]).status()?;
    if !zipped.success() {
        return Err(format!("python3 -m zipfile: {zipped}").into());
    }
    Ok((std::fs::metadata(program)?.len(), std::fs::metadata(&archive)?.len()))
}

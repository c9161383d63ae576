//! The benchmark's table: time and instructions of every program, measured in one run.

use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::instructions::{InstructionCounts, count_instructions};
use crate::program::Program;
use crate::programs::{FUNCTIONS, Programs, build_release, workspace_root};
use crate::timing::Timings;

/// The number of starts per program; the minimum is reported.
const STARTS_PER_PROGRAM: usize = 12;
/// The number of warm invokes after each start.
const WARM_INVOKES_PER_START: usize = 200;

/// The figures of one program.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The program's name.
    pub name: &'static str,
    /// Size of the binary; zero for a program that is not part of the workspace.
    pub binary_bytes: u64,
    /// Size of the deployment archive.
    pub zipped_bytes: u64,
    /// Process start to first poll, minimum.
    pub init_us: u128,
    /// First invoke, minimum.
    pub first_invoke_us: u128,
    /// Process start to first poll with DynamoDB behind TLS, minimum; zero for a program without TLS.
    pub init_tls_us: u128,
    /// First invoke with DynamoDB behind TLS, minimum.
    pub first_invoke_tls_us: u128,
    /// Warm invoke, median.
    pub warm_p50_us: u128,
    /// CPU time of a warm invoke, mean.
    pub warm_cpu_us: u128,
    /// Peak memory in KiB.
    pub max_rss_kib: u64,
    /// Instruction counts; `None` for a program that is not machine code.
    pub instructions: Option<InstructionCounts>,
}

/// Creates and returns the output folder of the benchmark, below `target/`.
///
/// # Errors
/// If it cannot be created.
pub fn output_dir() -> Result<PathBuf> {
    let folder = workspace_root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Builds and measures all programs.
///
/// # Errors
/// If a part fails.
pub async fn measure() -> Result<Vec<Figures>> {
    let programs = build_release()?;
    let folder = output_dir()?;
    let cast = Programs::start(programs, &folder).await?;
    let mut subjects = cast.baselines()?;
    for name in FUNCTIONS {
        subjects.push(cast.function(name)?);
    }
    let mut seen = vec![(Timings::default(), Timings::default()); subjects.len()];
    // Programs take turns, so that other load on the machine affects all equally.
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

/// Returns the size of a binary and of its deployment archive.
fn binary_size(program: &Path, folder: &Path) -> Result<(u64, u64)> {
    let archive = folder.join("package.zip");
    let zipped = Command::new("python3").args(["-m", "zipfile", "-c"]).args([&archive, program]).status()?;
    if !zipped.success() {
        return Err(format!("python3 -m zipfile: {zipped}").into());
    }
    Ok((std::fs::metadata(program)?.len(), std::fs::metadata(&archive)?.len()))
}

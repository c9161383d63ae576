//! The benchmark's table: time and instructions of every program, measured in one run.

use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::instructions::{InstructionCounts, count_instructions};
use crate::program::Program;
use crate::programs::{FUNCTIONS, Programs, build_release, target_folder};
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

/// Timings of a program without and with TLS.
#[derive(Clone, Default)]
struct ProgramTimings {
    plain: Timings,
    tls: Timings,
}

/// Creates and returns the output folder of the benchmark, below cargo's target folder.
///
/// # Errors
/// If it cannot be created.
pub fn output_dir() -> Result<PathBuf> {
    let folder = target_folder()?.join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Builds and measures all programs.
///
/// # Errors
/// If a part fails.
pub async fn measure() -> Result<Vec<Figures>> {
    let output_dir = output_dir()?;
    let programs = Programs::start(build_release()?, &output_dir).await?;
    let mut measured = programs.baselines()?;
    for name in FUNCTIONS {
        measured.push(programs.function(name)?);
    }
    let mut timings = vec![ProgramTimings::default(); measured.len()];
    // Programs take turns, so that other load on the machine affects all equally.
    for _ in 0..STARTS_PER_PROGRAM {
        for (program, ProgramTimings { plain, tls }) in measured.iter().zip(&mut timings) {
            plain.measure_start(program, WARM_INVOKES_PER_START).await?;
            if !program.tls_variables.is_empty() {
                tls.measure_start(&program.with_tls(), 0).await?;
            }
        }
    }
    let mut figures = vec![];
    for (program, timings) in measured.iter().zip(&timings) {
        figures.push(figures_of(program, timings, &output_dir).await?);
    }
    Ok(figures)
}

async fn figures_of(program: &Program, timings: &ProgramTimings, output_dir: &Path) -> Result<Figures> {
    let ProgramTimings { plain, tls } = timings;
    let size = if program.is_native { binary_size(&program.command[0], output_dir)? } else { BinarySize::default() };
    Ok(Figures {
        name: program.name,
        binary_bytes: size.bytes,
        zipped_bytes: size.zipped_bytes,
        init_us: plain.min_init().as_micros(),
        first_invoke_us: plain.min_first_invoke().as_micros(),
        init_tls_us: tls.min_init().as_micros(),
        first_invoke_tls_us: tls.min_first_invoke().as_micros(),
        warm_p50_us: plain.warm_p50().as_micros(),
        warm_cpu_us: plain.mean_warm_cpu().as_micros(),
        max_rss_kib: plain.max_rss_kib,
        instructions: if program.is_native { Some(count_instructions(program, output_dir).await?) } else { None },
    })
}

/// The size of a binary.
#[derive(Default)]
struct BinarySize {
    bytes: u64,
    /// Size of the deployment archive.
    zipped_bytes: u64,
}

/// Returns the size of a binary and of its deployment archive.
fn binary_size(program: &Path, output_dir: &Path) -> Result<BinarySize> {
    let archive = output_dir.join("package.zip");
    let zipped = Command::new("python3").args(["-m", "zipfile", "-c"]).args([&archive, program]).status()?;
    if !zipped.success() {
        return Err(format!("python3 -m zipfile: {zipped}").into());
    }
    Ok(BinarySize { bytes: std::fs::metadata(program)?.len(), zipped_bytes: std::fs::metadata(&archive)?.len() })
}

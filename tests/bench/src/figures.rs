//! The whole table: every subject, by the clock and by its instructions, side by side in one run.

use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::cast::{Cast, FUNCTIONS, build_release, workspace};
use crate::count::{Counts, instructions};
use crate::subject::Subject;
use crate::watch::Seen;

/// Starts of each subject; the least counts.
const STARTS: usize = 12;
/// Warm invokes after each start.
const WARM: usize = 200;

/// The figures of one subject. Times are in microseconds, sizes in bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The subject.
    pub name: &'static str,
    /// Its program, and zipped as it is deployed; zero for one that is no program of ours.
    pub size: u64,
    /// See `size`.
    pub zipped: u64,
    /// Process start to first poll, least.
    pub init: u128,
    /// The first invoke, least.
    pub first: u128,
    /// Process start to first poll with DynamoDB behind TLS, least; zero for a subject without TLS.
    pub init_tls: u128,
    /// The first invoke with DynamoDB behind TLS, least.
    pub first_tls: u128,
    /// A warm invoke, median.
    pub p50: u128,
    /// CPU time of a warm invoke, mean.
    pub cpu: u128,
    /// The most memory it held, in KiB.
    pub rss: u64,
    /// Its instructions; `None` for what is no machine code.
    pub counts: Option<Counts>,
}

/// Where the bench leaves what it makes: below `target/`.
///
/// # Errors
/// When it cannot be made.
pub fn folder() -> Result<PathBuf> {
    let folder = workspace().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Builds and measures everything.
///
/// # Errors
/// When a part fails.
pub async fn measure() -> Result<Vec<Figures>> {
    let programs = build_release()?;
    let folder = folder()?;
    let cast = Cast::assemble(programs, &folder).await?;
    let mut subjects = cast.others()?;
    for name in FUNCTIONS {
        subjects.push(cast.function(name)?);
    }
    let mut seen = vec![(Seen::default(), Seen::default()); subjects.len()];
    // Round by round, so that what else the machine does falls on all alike.
    for _ in 0..STARTS {
        for (subject, (plain, tls)) in subjects.iter().zip(&mut seen) {
            plain.add(subject, WARM).await?;
            if !subject.tls.is_empty() {
                tls.add(&subject.over_tls(), 0).await?;
            }
        }
    }
    let mut figures = vec![];
    for (subject, (plain, tls)) in subjects.iter().zip(&seen) {
        figures.push(one(subject, plain, tls, &folder).await?);
    }
    Ok(figures)
}

async fn one(subject: &Subject, plain: &Seen, tls: &Seen, folder: &Path) -> Result<Figures> {
    let (size, zipped) = if subject.native { sizes(&subject.command[0], folder)? } else { (0, 0) };
    Ok(Figures {
        name: subject.name,
        size,
        zipped,
        init: plain.init().as_micros(),
        first: plain.first().as_micros(),
        init_tls: tls.init().as_micros(),
        first_tls: tls.first().as_micros(),
        p50: plain.p50().as_micros(),
        cpu: plain.cpu().as_micros(),
        rss: plain.rss,
        counts: if subject.native { Some(instructions(subject, folder).await?) } else { None },
    })
}

/// A program's size, and that of the archive that would be deployed.
fn sizes(program: &Path, folder: &Path) -> Result<(u64, u64)> {
    let archive = folder.join("package.zip");
    let zipped = Command::new("python3").args(["-m", "zipfile", "-c"]).args([&archive, program]).status()?;
    if !zipped.success() {
        return Err(format!("python3 -m zipfile: {zipped}").into());
    }
    Ok((std::fs::metadata(program)?.len(), std::fs::metadata(&archive)?.len()))
}

//! Time measurements of a program: minimum and median times, CPU time and memory. Times include other load on the machine, so the
//! significant figures are minimums of many starts and ratios to other programs of the same run.

use std::fs;
use std::time::{Duration, Instant};

use crate::Result;
use crate::program::Program;

/// Measurements of a program over many starts.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    inits: Vec<Duration>,
    first_invokes: Vec<Duration>,
    warm: Vec<Duration>,
    cpu: Duration,
    /// Peak memory in KiB.
    pub max_rss_kib: u64,
}

impl Timings {
    /// Returns the minimum time from the process's start to its first poll.
    pub fn min_init(&self) -> Duration {
        self.inits.iter().min().copied().unwrap_or_default()
    }

    /// Returns the minimum time of the first invoke.
    pub fn min_first_invoke(&self) -> Duration {
        self.first_invokes.iter().min().copied().unwrap_or_default()
    }

    /// Returns the median time of a warm invoke.
    pub fn warm_p50(&self) -> Duration {
        let mut sorted = self.warm.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    /// Returns the mean CPU time of a warm invoke.
    pub fn mean_warm_cpu(&self) -> Duration {
        self.cpu.checked_div(u32::try_from(self.warm.len()).unwrap_or(u32::MAX)).unwrap_or_default()
    }

    /// Starts the program once more and measures a first invoke and `warm_invokes` warm ones.
    ///
    /// # Errors
    /// If the program fails.
    pub async fn measure_start(&mut self, program: &Program, warm_invokes: usize) -> Result<()> {
        let start = Instant::now();
        let mut function = program.start(&[]).await?;
        self.inits.push(start.elapsed());
        let first = Instant::now();
        program.invoke(&mut function).await?;
        self.first_invokes.push(first.elapsed());
        let id = function.process_id().ok_or("the program has exited")?;
        let before = cpu_time(id)?;
        for _ in 0..warm_invokes {
            let start = Instant::now();
            program.invoke(&mut function).await?;
            self.warm.push(start.elapsed());
        }
        self.cpu += cpu_time(id)?.saturating_sub(before);
        self.max_rss_kib = self.max_rss_kib.max(max_rss_kib(id)?);
        Ok(function.kill().await?)
    }
}

/// Returns the CPU time of a process's threads, from the scheduler's statistics.
/// <https://docs.kernel.org/scheduler/sched-stats.html>
fn cpu_time(id: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        let stat = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += stat.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Returns the peak memory of a process: `VmHWM` of `proc_pid_status(5)`, in KiB.
///
/// # Errors
/// If the process has exited.
pub fn max_rss_kib(id: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("/proc/<pid>/status has no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

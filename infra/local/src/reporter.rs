//! What the demo and the rehearsal print: numbered steps, each with what came back and how long it took.
#![expect(clippy::print_stdout, reason = "the steps go to stdout")]

use std::time::{Duration, Instant};

use crate::failure::{Context as _, Result};

/// What a step gives the next ones, and what it tells.
pub(crate) type StepResult<T> = Result<(T, String)>;

/// The steps so far.
pub(crate) struct Reporter {
    start: Instant,
    last_step: Instant,
    steps: usize,
}

impl Reporter {
    pub(crate) fn new(title: &str) -> Self {
        println!("\n{title}:\n");
        let now = Instant::now();
        Self { start: now, last_step: now, steps: 0 }
    }

    /// Numbers a step and prints what came back; or says at which one the surprise was.
    pub(crate) fn step<T>(&mut self, title: &str, step: StepResult<T>) -> Result<T> {
        self.steps += 1;
        let steps = self.steps;
        let (value, told) = step.context(format_args!("step {steps}, {title}"))?;
        println!("{steps:>2}. {title:<30} {told}  ({} ms)", self.lap().as_millis());
        Ok(value)
    }

    /// Says that all went well.
    pub(crate) fn finish(&self, what: &str) {
        println!("\n{what} ok: {} steps in {:.1} s", self.steps, self.start.elapsed().as_secs_f64());
    }

    fn lap(&mut self) -> Duration {
        let lap = self.last_step.elapsed();
        self.last_step = Instant::now();
        lap
    }
}

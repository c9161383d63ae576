//! The steps of the scenario: numbered, with their result and duration.
#![expect(clippy::print_stdout, reason = "the steps go to stdout")]

use std::time::{Duration, Instant};

use crate::failure::{Context as _, Result};

/// The result of a step: a value for later steps, and a text for the output.
pub(crate) type StepResult<T> = Result<(T, String)>;

/// Counts the steps, and prints them unless it is silent.
pub(crate) struct Reporter {
    start: Instant,
    last_step: Instant,
    steps: usize,
    silent: bool,
}

impl Reporter {
    /// Prints the title and starts the clock.
    pub(crate) fn new(title: &str) -> Self {
        println!("\n{title}:\n");
        Self { silent: false, ..Self::silent() }
    }

    /// Starts without output.
    pub(crate) fn silent() -> Self {
        let now = Instant::now();
        Self { start: now, last_step: now, steps: 0, silent: true }
    }

    /// Returns the number of steps so far.
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// Prints a step and returns its value, or fails with the number and title of the step.
    pub(crate) fn step<T>(&mut self, title: &str, step: StepResult<T>) -> Result<T> {
        self.steps += 1;
        let number = self.steps;
        let (value, text) = step.context(format_args!("step {number}, {title}"))?;
        let lap = self.lap().as_millis();
        if !self.silent {
            println!("{number:>2}. {title:<30} {text}  ({lap} ms)");
        }
        Ok(value)
    }

    /// Prints that all steps succeeded.
    pub(crate) fn finish(&self, what: &str) {
        println!("\n{what} ok: {} steps in {:.1} s", self.steps, self.start.elapsed().as_secs_f64());
    }

    fn lap(&mut self) -> Duration {
        let lap = self.last_step.elapsed();
        self.last_step = Instant::now();
        lap
    }
}

//! Runs the parts of the suite in separate processes, as many at a time as there are cores.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::arguments::Arguments;
use crate::batch::RunReport;
use crate::mutation::Mutation;

/// One part of the suite, for one process.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// `seeds`, or the number of a scenario.
    pub(crate) batch: String,
    pub(crate) first: u64,
    pub(crate) seeds: u64,
    pub(crate) mutation: Mutation,
}

/// The result of one part.
#[derive(Clone, Debug)]
pub(crate) struct PartResult {
    pub(crate) part: Part,
    pub(crate) items: Vec<RunReport>,
    /// The failure of the process, if it did not end successfully.
    pub(crate) crash: Option<String>,
}

impl Part {
    /// A part that runs a range of seeds.
    pub(crate) fn seeds(first: u64, seeds: u64, mutation: Mutation) -> Self {
        Self { batch: "seeds".to_owned(), first, seeds, mutation }
    }

    /// A part that sweeps the crash points of a scenario.
    pub(crate) fn crash_points(number: usize) -> Self {
        Self { batch: number.to_string(), first: 0, seeds: 0, mutation: Mutation::None }
    }

    fn run(self, arguments: &Arguments) -> PartResult {
        match self.items(arguments) {
            Ok((items, crash)) => PartResult { part: self, items, crash },
            Err(error) => PartResult { part: self, items: vec![], crash: Some(error.to_string()) },
        }
    }

    fn items(&self, arguments: &Arguments) -> std::io::Result<(Vec<RunReport>, Option<String>)> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--batch", &self.batch, "--first", &self.first.to_string(), "--seeds", &self.seeds.to_string()])
            .args(["--tasks", &arguments.tasks.to_string(), "--minutes", &arguments.minutes.to_string()])
            .args(["--pairs", &arguments.extent.pairs.to_string()])
            .args(self.mutation.arguments())
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = process.stdout.take().map(BufReader::new);
        let lines = lines.into_iter().flat_map(BufRead::lines);
        let items = lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()).collect();
        let status = process.wait()?;
        Ok((items, (!status.success()).then(|| status.to_string())))
    }
}

/// Runs all parts and returns their results in order.
pub(crate) fn run(parts: Vec<Part>, arguments: &Arguments) -> Vec<PartResult> {
    let queue: Mutex<VecDeque<(usize, Part)>> = Mutex::new(parts.into_iter().enumerate().collect());
    let done = Mutex::new(vec![]);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some((position, part)) = next() {
                    let result = part.run(arguments);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((position, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(position, _)| *position);
    done.into_iter().map(|(_, result)| result).collect()
}

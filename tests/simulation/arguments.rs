//! The command line arguments. `cargo test` passes the same arguments to every test binary, so unknown ones are ignored.

use std::collections::VecDeque;

use crate::extent::{self, Extent};
use crate::mutation::Mutation;

/// The arguments.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    /// `--seed N`: replays one seed and prints its steps.
    pub(crate) seed: Option<u64>,
    /// `--extent NAME`: `short` by default. `--seeds N`, `--first N` and `--pairs N` replace its figures.
    pub(crate) extent: Extent,
    /// `--tasks N`: the number of tasks per seed.
    pub(crate) tasks: usize,
    /// `--minutes N`: the duration of faults per seed.
    pub(crate) minutes: u64,
    /// `--control NAME` or `--without CONDITION`: the safeguard to remove.
    pub(crate) mutation: Mutation,
    /// `--log FILTER`: prints the engine's log, for example `engine=debug`.
    pub(crate) log: Option<String>,
    /// `--batch NAME`: runs one part of the suite for a parent process.
    pub(crate) batch: Option<String>,
    /// `--bursts`: runs only the bursts.
    pub(crate) bursts: bool,
    /// `--killers`: runs only the killers.
    pub(crate) killers: bool,
    /// `--list`, or filters of which none is part of this test's name: nothing is run.
    pub(crate) skip: bool,
}

/// Options of Rust's test harness that take a value.
const WITH_VALUE: [&str; 7] = ["--test-threads", "--skip", "--format", "--color", "--logfile", "--shuffle-seed", "-Z"];

impl Arguments {
    /// Parses the arguments after the program's name.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Self {
        // `--seed=1` is equal to `--seed 1`. Conditions contain equals signs themselves.
        let mut words: VecDeque<String> = words
            .flat_map(|word| match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => vec![name.to_owned(), value.to_owned()],
                _ => vec![word],
            })
            .collect();
        let mut read = Self {
            seed: None,
            extent: extent_in(&words),
            tasks: 10,
            minutes: 6,
            mutation: Mutation::None,
            log: None,
            batch: None,
            bursts: false,
            killers: false,
            skip: false,
        };
        let mut filters = vec![];
        while let Some(word) = words.pop_front() {
            match word.as_str() {
                "--seed" => read.seed = number(&mut words),
                "--seeds" => read.extent.seeds = number(&mut words).unwrap_or(read.extent.seeds),
                "--first" => read.extent.first = number(&mut words).unwrap_or(read.extent.first),
                "--tasks" => read.tasks = number(&mut words).unwrap_or(read.tasks),
                "--minutes" => read.minutes = number(&mut words).unwrap_or(read.minutes),
                "--pairs" => read.extent.pairs = number(&mut words).unwrap_or(read.extent.pairs),
                "--control" => {
                    read.mutation = words.pop_front().and_then(|name| Mutation::named(&name)).unwrap_or_default()
                }
                "--without" => read.mutation = words.pop_front().map(Mutation::Without).unwrap_or_default(),
                "--log" => read.log = words.pop_front(),
                "--batch" => read.batch = words.pop_front(),
                "--bursts" => read.bursts = true,
                "--killers" => read.killers = true,
                "--list" => read.skip = true,
                // Read already.
                "--extent" => drop(words.pop_front()),
                other if WITH_VALUE.contains(&other) => drop(words.pop_front()),
                other if !other.starts_with('-') => filters.push(other.to_owned()),
                _ => {}
            }
        }
        read.skip |= !filters.is_empty() && !filters.iter().any(|filter| "simulation".contains(filter.as_str()));
        read
    }
}

/// The extent among the arguments. It is read first, because other arguments replace its figures.
fn extent_in(words: &VecDeque<String>) -> Extent {
    let name = words.iter().skip_while(|word| *word != "--extent").nth(1);
    name.map_or(extent::SHORT, |name| Extent::named(name))
}

fn number<T: std::str::FromStr>(words: &mut VecDeque<String>) -> Option<T> {
    words.pop_front()?.parse().ok()
}

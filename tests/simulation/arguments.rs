//! What the binary is asked to do. `cargo test` hands every test binary the same arguments, so unknown ones are passed over.

use std::collections::VecDeque;

use crate::mutation::Mutation;

/// The arguments.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    /// `--seed N`: replays one seed and shows its steps.
    pub(crate) seed: Option<u64>,
    /// `--seeds N`: how many seeds with all faults mixed.
    pub(crate) seeds: u64,
    /// `--first N`: the first of them.
    pub(crate) first: u64,
    /// `--tasks N`: tasks of a seed.
    pub(crate) tasks: usize,
    /// `--minutes N`: how long faults last in a seed.
    pub(crate) minutes: u64,
    /// `--pairs N`: pairs of kills tried for each action, all of them when absent.
    pub(crate) pairs: usize,
    /// `--control NAME` or `--without CONDITION`: the safeguard that is taken away.
    pub(crate) mutation: Mutation,
    /// `--log FILTER`: shows the engine's own log, as `engine=debug`.
    pub(crate) log: Option<String>,
    /// `--batch NAME`: carries out a part of the suite, for a parent process.
    pub(crate) batch: Option<String>,
    /// `--list`, or words none of which is part of this test's name: then nothing is run.
    pub(crate) skip: bool,
}

/// Options of Rust's own test harness that are followed by a value.
const WITH_VALUE: [&str; 7] = ["--test-threads", "--skip", "--format", "--color", "--logfile", "--shuffle-seed", "-Z"];

impl Arguments {
    /// Reads the arguments after the program's name.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Self {
        // `--seed=1` is `--seed 1`; a condition holds equals signs of its own.
        let mut words: VecDeque<String> = words
            .flat_map(|word| match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => vec![name.to_owned(), value.to_owned()],
                _ => vec![word],
            })
            .collect();
        let mut read = Self {
            seed: None,
            seeds: 1_000,
            first: 0,
            tasks: 10,
            minutes: 6,
            pairs: usize::MAX,
            mutation: Mutation::None,
            log: None,
            batch: None,
            skip: false,
        };
        let mut filters = vec![];
        while let Some(word) = words.pop_front() {
            match word.as_str() {
                "--seed" => read.seed = number(&mut words),
                "--seeds" => read.seeds = number(&mut words).unwrap_or(read.seeds),
                "--first" => read.first = number(&mut words).unwrap_or(read.first),
                "--tasks" => read.tasks = number(&mut words).unwrap_or(read.tasks),
                "--minutes" => read.minutes = number(&mut words).unwrap_or(read.minutes),
                "--pairs" => read.pairs = number(&mut words).unwrap_or(read.pairs),
                "--control" => {
                    read.mutation = words.pop_front().and_then(|name| Mutation::named(&name)).unwrap_or_default()
                }
                "--without" => read.mutation = words.pop_front().map(Mutation::Without).unwrap_or_default(),
                "--log" => read.log = words.pop_front(),
                "--batch" => read.batch = words.pop_front(),
                "--list" => read.skip = true,
                other if WITH_VALUE.contains(&other) => drop(words.pop_front()),
                other if !other.starts_with('-') => filters.push(other.to_owned()),
                _ => {}
            }
        }
        read.skip |= !filters.is_empty() && !filters.iter().any(|filter| "simulation".contains(filter.as_str()));
        read
    }
}

fn number<T: std::str::FromStr>(words: &mut VecDeque<String>) -> Option<T> {
    words.pop_front()?.parse().ok()
}

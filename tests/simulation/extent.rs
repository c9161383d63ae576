//! The extents of the suite: how many seeds, crash points and negative controls each one runs. `tests/README.md` has
//! the same table, which every run compares.

use crate::mutation::Mutation;

/// An extent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// The name, for `--extent`.
    pub(crate) name: &'static str,
    /// The command that runs it.
    run_by: &'static str,
    /// The number of seeds with mixed faults.
    pub(crate) seeds: u64,
    /// The first seed.
    pub(crate) first: u64,
    /// The number of seeds that are run again, each in its own process.
    pub(crate) replays: usize,
    /// The maximal number of pairs of kills per crash point scenario. Every single kill is part of each extent.
    pub(crate) pairs: usize,
    /// The negative controls with a name.
    pub(crate) controls: &'static [Mutation],
    /// True if every write condition is removed as a negative control, too.
    pub(crate) without_each_condition: bool,
    /// True if the bursts are run.
    pub(crate) bursts: bool,
}

/// In every test run.
pub(crate) const SHORT: Extent = Extent {
    name: "short",
    run_by: "cargo test --workspace",
    seeds: 50,
    first: 0,
    replays: 2,
    pairs: 0,
    controls: &[
        Mutation::UnconditionalClaim,
        Mutation::DroppedClaim,
        Mutation::BlindRetry,
        Mutation::OtherBinding,
        Mutation::OtherConnection,
    ],
    without_each_condition: false,
    bursts: false,
};

/// For every change.
const FULL: Extent = Extent {
    name: "full",
    run_by: ".ci/run",
    seeds: 1_000,
    first: 0,
    replays: 8,
    pairs: usize::MAX,
    controls: &Mutation::NAMED,
    without_each_condition: true,
    bursts: true,
};

/// By hand, with other seeds than the full one.
const LONG: Extent = Extent { name: "long", run_by: ".ci/more", seeds: 20_000, first: 100_000, ..FULL };

const ALL: [Extent; 3] = [SHORT, FULL, LONG];

impl Extent {
    /// The extent with this name.
    ///
    /// # Panics
    /// If there is none: a misspelled name must not run the short one.
    pub(crate) fn named(name: &str) -> Self {
        let found = ALL.into_iter().find(|extent| extent.name == name);
        found.unwrap_or_else(|| panic!("--extent {name}: it is short, full or long"))
    }

    /// The extent's row in the page's table.
    fn page_row(&self) -> String {
        let seeds = match self.seeds {
            0..1_000 => self.seeds.to_string(),
            seeds => format!("{},{:03}", seeds / 1_000, seeds % 1_000),
        };
        let crash_points = if self.pairs == 0 { "each" } else { "each, and every pair" };
        let controls = if self.without_each_condition { "all".to_owned() } else { self.controls.len().to_string() };
        format!("| `{}` | `{}` | {seeds} | {crash_points} | {controls} |", self.name, self.run_by)
    }
}

/// The rows of the table of extents that a page lacks.
pub(crate) fn rows_missing_in(page: &str) -> Vec<String> {
    ALL.iter().map(Extent::page_row).filter(|row| !page.lines().any(|line| line == row)).collect()
}

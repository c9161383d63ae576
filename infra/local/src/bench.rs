//! `cargo local bench`: measures the cost of the functions, with package `bench`.

use bench::{figures, regression, report};
use std::io::Write as _;

use crate::args::BenchArgs;
use crate::failure::{Context as _, Result};

/// Measures, prints the figures, and writes them to `target/bench`.
///
/// # Errors
/// If a measurement fails, or a recorded figure differs.
pub async fn run(args: &BenchArgs) -> Result<()> {
    let text = if args.gate || args.accept {
        regression::check(args.accept).await.context("the comparison")?
    } else {
        let figures = figures::measure().await.context("the bench")?;
        let file = report::write_json(&figures).context("the figures")?;
        format!("{}\n\n{}", report::table(&figures), file.display())
    };
    writeln!(std::io::stdout(), "{text}").context("stdout")
}

//! `cargo local bench`: what the functions cost. The work is package `bench`'s.

use bench::{figures, regression, report};
use std::io::Write as _;

use crate::args::BenchArgs;
use crate::failure::{Context as _, Result};

/// Measures, prints, and leaves the figures below `target/bench`.
///
/// # Errors
/// When something cannot be measured, or a gated figure has drifted.
pub async fn run(args: &BenchArgs) -> Result<()> {
    let text = if args.gate || args.accept {
        regression::check(args.accept).await.context("the gate")?
    } else {
        let figures = figures::measure().await.context("the bench")?;
        let file = report::write_json(&figures).context("the figures")?;
        format!("{}\n\n{}", report::table(&figures), file.display())
    };
    writeln!(std::io::stdout(), "{text}").context("stdout")
}

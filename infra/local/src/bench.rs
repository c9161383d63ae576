//! `cargo local bench`: measures the cost of the functions, with package `bench`.

use bench::{figures, memory, programs, regression, report};
use std::io::Write as _;

use crate::args::BenchArgs;
use crate::failure::{Context as _, Result};

/// Measures, prints the figures, and writes them to `target/bench`.
///
/// # Errors
/// If a measurement fails, or a recorded figure differs.
pub async fn run(args: &BenchArgs) -> Result<()> {
    let text = if args.memory {
        let folder = programs::build_dev().context("the build")?;
        memory::check(folder).await.context("the memory")?
    } else if args.gate || args.accept {
        regression::check(args.accept).await.context("the comparison")?
    } else {
        let figures = figures::measure().await.context("the bench")?;
        let file = report::write_json(&figures).context("the figures")?;
        let folder = programs::build_release().context("the build")?;
        let memory = memory::check(folder).await.context("the memory")?;
        format!("{}\n\n{memory}\n\n{}", report::table(&figures), file.display())
    };
    writeln!(std::io::stdout(), "{text}").context("stdout")
}

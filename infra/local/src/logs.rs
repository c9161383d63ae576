//! `cargo local logs`: prints the log of the functions.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::time::sleep;

use crate::args::LogsArgs;
use crate::failure::{Context as _, Result};
use crate::running;

/// The interval between two looks for new lines.
const INTERVAL: Duration = Duration::from_millis(200);

/// Prints the log of a running stack, and new lines with `--follow` until the stack stops.
///
/// # Errors
/// If no stack is running, or the log cannot be read.
pub async fn run(args: &LogsArgs) -> Result<()> {
    let log = running::find(args.stack.port)?.log;
    let mut file = File::open(&log).await.context(log.display())?;
    loop {
        if print_new(&mut file).await.context(log.display())? {
            continue;
        }
        if !args.follow || !is_present(&log) {
            return Ok(());
        }
        sleep(INTERVAL).await;
    }
}

/// Prints the next bytes of the file; returns false if there are none.
async fn print_new(file: &mut File) -> io::Result<bool> {
    let mut bytes = Vec::new();
    file.take(1 << 20).read_to_end(&mut bytes).await?;
    // A closed pipe (`cargo local logs | head`) ends the command.
    let mut out = io::stdout().lock();
    out.write_all(&bytes)?;
    out.flush()?;
    Ok(!bytes.is_empty())
}

/// Returns true if the stack still runs: a stopped one takes its state file away.
fn is_present(log: &Path) -> bool {
    log.with_file_name(running::STATE).exists()
}

//! The table as it stands in the README, and the same as JSON.

use std::fs;
use std::path::PathBuf;

use crate::Result;
use crate::figures::{Figures, folder};

const HEAD: &str = "\
| Subject | Binary, zipped | To the first poll | First invoke | Both over TLS | Warm p50 | Warm CPU | Memory | Instructions: init | first over TLS | warm |
|---|---|---|---|---|---|---|---|---|---|---|";

/// The table.
pub fn table(figures: &[Figures]) -> String {
    figures.iter().fold(HEAD.to_owned(), |table, one| format!("{table}\n{}", row(one)))
}

fn row(one: &Figures) -> String {
    let sizes = match one.size {
        0 => "-".to_owned(),
        size => format!("{:.1}, {:.1} MB", size as f64 / 1e6, one.zipped as f64 / 1e6),
    };
    let tls = match one.init_tls {
        0 => "-".to_owned(),
        init => format!("{} + {} ms", thousandths(init), thousandths(one.first_tls)),
    };
    let counts = one.counts.map(|counts| [counts.init, counts.first_https, counts.warm].map(instructions));
    let [init, first_https, warm] = counts.unwrap_or_else(|| ["-", "-", "-"].map(str::to_owned));
    format!(
        "| {} | {sizes} | {} ms | {} ms | {tls} | {} ms | {} us | {:.1} MiB | {init} | {first_https} | {warm} |",
        one.name,
        thousandths(one.init),
        thousandths(one.first),
        thousandths(one.p50),
        one.cpu,
        one.rss as f64 / 1024.0,
    )
}

fn thousandths(micros: u128) -> String {
    format!("{:.2}", micros as f64 / 1e3)
}

fn instructions(count: u64) -> String {
    match count {
        0 => "-".to_owned(),
        1..1_000_000 => format!("{:.0} K", count as f64 / 1e3),
        _ => format!("{:.2} M", count as f64 / 1e6),
    }
}

/// Writes the figures; returns where.
///
/// # Errors
/// When they cannot be written.
pub fn write(figures: &[Figures]) -> Result<PathBuf> {
    let file = folder()?.join("figures.json");
    fs::write(&file, serde_json::to_string_pretty(figures)? + "\n")?;
    Ok(file)
}

//! The figures as the table of tests/README.md and as JSON.

use std::fs;
use std::path::PathBuf;

use crate::Result;
use crate::figures::{Figures, output_dir};

const TABLE_HEADER: &str = "\
| Program | Binary, zipped | To the first poll | First invoke | Both over TLS | Warm p50 | Warm CPU | Memory | Instructions: init | first over TLS | warm |
|---|---|---|---|---|---|---|---|---|---|---|";

/// Returns the table.
pub fn table(figures: &[Figures]) -> String {
    figures.iter().fold(TABLE_HEADER.to_owned(), |table, figures| format!("{table}\n{}", table_row(figures)))
}

fn table_row(figures: &Figures) -> String {
    let sizes = match figures.binary_bytes {
        0 => "-".to_owned(),
        size => format!("{:.1}, {:.1} MB", size as f64 / 1e6, figures.zipped_bytes as f64 / 1e6),
    };
    let tls = match figures.init_tls_us {
        0 => "-".to_owned(),
        init => format!("{} + {} ms", format_millis(init), format_millis(figures.first_invoke_tls_us)),
    };
    let counts = figures.instructions.map(|counts| [counts.init, counts.first_tls, counts.warm].map(format_count));
    let [init, first_tls, warm] = counts.unwrap_or_else(|| ["-", "-", "-"].map(str::to_owned));
    format!(
        "| {} | {sizes} | {} ms | {} ms | {tls} | {} ms | {} us | {:.1} MiB | {init} | {first_tls} | {warm} |",
        figures.name,
        format_millis(figures.init_us),
        format_millis(figures.first_invoke_us),
        format_millis(figures.warm_p50_us),
        figures.warm_cpu_us,
        figures.max_rss_kib as f64 / 1024.0,
    )
}

fn format_millis(micros: u128) -> String {
    format!("{:.2}", micros as f64 / 1e3)
}

fn format_count(count: u64) -> String {
    match count {
        0 => "-".to_owned(),
        1..1_000_000 => format!("{:.0} K", count as f64 / 1e3),
        _ => format!("{:.2} M", count as f64 / 1e6),
    }
}

/// Writes the figures as JSON; returns the path.
///
/// # Errors
/// If they cannot be written.
pub fn write_json(figures: &[Figures]) -> Result<PathBuf> {
    let file = output_dir()?.join("figures.json");
    fs::write(&file, serde_json::to_string_pretty(figures)? + "\n")?;
    Ok(file)
}

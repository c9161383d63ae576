//! Writes the OpenAPI document of the repository in the current directory, and prints the files that changed. It is a part of
//! `cargo local generate`.
#![expect(clippy::print_stdout, reason = "the files are the output")]

fn main() -> std::io::Result<()> {
    for file in openapi::write(std::path::Path::new("."))? {
        println!("{file}");
    }
    Ok(())
}

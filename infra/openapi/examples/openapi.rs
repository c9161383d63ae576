//! Prints the OpenAPI document of the repository in the current directory. `cargo local generate` writes it to its file.
#![expect(clippy::print_stdout, reason = "the document is the output")]

fn main() {
    print!("{}", openapi::document_text(std::path::Path::new(".")));
}

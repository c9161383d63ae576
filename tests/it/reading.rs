//! Readers of the repository's own files: Rust, TOML and Markdown, each by a parser of the format.

pub(crate) mod markdown;
pub(crate) mod rust;
pub(crate) mod toml;

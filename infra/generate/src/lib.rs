//! The generator of `cargo local generate`: writes everything that follows from the functions' manifests.
//!
//! A function says in its own manifest which routes it serves, for whom, with which timeout, memory and grants
//! ([`Function`]). From these manifests come, each between markers or as a whole file:
//!
//! * `Cargo.toml`: the routes of `cargo lambda watch`.
//! * `infra/template.yaml`: role, function, log group, integration, permissions and routes of each function; the limits of the stage.
//! * `infra/openapi`: the parts of the API document, and its error pages.
//! * `tests`: the dependencies, and the routes that the tests call in process.
//! * `functions/README.md`: the table of routes.
//! * `shared/docs/errors/README.md`: the table of error codes, from the page of each code ([`ErrorPage`]).
//!
//! `functions/plugin-engine/src/openapi.json` is written by the package `openapi`, which links every function.

mod block;
mod error_page;
mod function;
mod page;
mod template;
mod wiring;

pub use error_page::ErrorPage;
pub use function::{BASE, Callers, Function, Grants, Route, check_unique, read};

use std::fs;
use std::io;
use std::path::Path;

/// The reason why nothing was generated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// cargo cannot read the workspace.
    #[error("cargo metadata: {0}")]
    Metadata(#[from] cargo_metadata::Error),
    /// The manifest of a function is invalid.
    #[error("functions/{function}/Cargo.toml, [package.metadata.function]: {reason}")]
    Manifest {
        /// The function.
        function: String,
        /// The reason.
        reason: String,
    },
    /// A file has not exactly one pair of the markers of a block.
    #[error("{file} must have one line with `{start}` and below it one with `{end}`")]
    Markers {
        /// The file.
        file: String,
        /// The first line of the block.
        start: String,
        /// The last line of the block.
        end: String,
    },
    /// A page of an error code has not the form of the others.
    #[error(
        "{file} must be a title, the facts `Where` and `Outcome`, the meaning, and a section `What to do`, as NOT_FOUND.md is"
    )]
    ErrorPage {
        /// The file.
        file: String,
    },
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// The reason.
        source: io::Error,
    },
}

/// A file as it is, and as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The path in the repository.
    pub file: String,
    /// The present text; empty if the file does not exist.
    pub current: String,
    /// The text with the generated parts.
    pub expected: String,
}

impl Output {
    /// True if the file has to be written.
    pub fn is_stale(&self) -> bool {
        self.current != self.expected
    }
}

/// The sources of the generated files.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The functions, by name.
    pub functions: Vec<Function>,
    /// The pages of the error codes, in the order of the table.
    pub error_pages: Vec<ErrorPage>,
}

impl Sources {
    /// Reads the sources of a repository.
    ///
    /// # Errors
    /// Those of [`read`] and [`ErrorPage::read_all`].
    pub fn read(root: &Path) -> Result<Self, Error> {
        Ok(Self { functions: read(root)?, error_pages: ErrorPage::read_all(root)? })
    }

    /// Every generated file. `text` returns the present text of a file of the repository.
    ///
    /// # Errors
    /// [`Error::Markers`], and the errors of `text` for a file with blocks.
    pub fn outputs(&self, text: impl Fn(&str) -> Result<String, Error>) -> Result<Vec<Output>, Error> {
        let Self { functions, error_pages } = self;
        check_references(functions, &text("infra/template.yaml")?)?;
        let blocks = [
            ("Cargo.toml", "the watch router", wiring::watch_router(functions)),
            ("infra/template.yaml", "the roles", template::roles(functions)),
            ("infra/template.yaml", "the stage's dependencies", template::stage_dependencies(functions)),
            ("infra/template.yaml", "the stage's limits", template::stage_limits(functions)),
            ("infra/template.yaml", "the functions", template::functions(functions)),
            ("infra/openapi/Cargo.toml", "the functions", wiring::dependencies(functions, "../../functions")),
            ("tests/Cargo.toml", "the functions", wiring::dependencies(functions, "../functions")),
            ("functions/README.md", "the routes", page::routes(functions)),
            ("shared/docs/errors/README.md", "the errors", page::errors(error_pages)),
        ];
        let whole = [
            ("infra/openapi/src/parts.rs", wiring::document_parts(functions)),
            ("infra/openapi/src/error_pages.rs", wiring::error_pages(error_pages)),
            ("tests/it/support/routes.rs", wiring::test_routes(functions)),
        ];
        let mut outputs: Vec<Output> = vec![];
        for (file, name, content) in blocks {
            // The blocks of one file follow each other.
            let output = match outputs.last_mut() {
                Some(output) if output.file == file => output,
                _ => {
                    let current = text(file)?;
                    outputs.push(Output { file: file.to_owned(), expected: current.clone(), current });
                    outputs.last_mut().unwrap_or_else(|| unreachable!("it was pushed"))
                }
            };
            output.expected = block::replace(file, &output.expected, name, &content)?;
        }
        // A file that does not exist yet is written.
        outputs.extend(whole.map(|(file, expected)| Output {
            file: file.to_owned(),
            current: text(file).unwrap_or_default(),
            expected,
        }));
        Ok(outputs)
    }
}

/// Refuses a grant on a resource, and a parameter, that the template does not have.
fn check_references(functions: &[Function], template: &str) -> Result<(), Error> {
    for function in functions {
        if let Some(parameter) = &function.reserved_concurrency
            && !template.contains(&format!("\n  {parameter}:\n    Type: String\n"))
        {
            let reason = format!("infra/template.yaml has no parameter {parameter}");
            return Err(Error::Manifest { function: function.name.clone(), reason });
        }
        for resource in function.grants.keys().filter(|resource| *resource != "Connections") {
            let id = resource.split('/').next().unwrap_or_default();
            if !template.contains(&format!("\n  {id}:\n    Type: AWS::")) {
                let reason = format!("grants name {resource}, and infra/template.yaml has no resource {id}");
                return Err(Error::Manifest { function: function.name.clone(), reason });
            }
        }
    }
    Ok(())
}

/// The text of a file of the repository.
///
/// # Errors
/// [`Error::File`].
pub fn text_in(root: &Path) -> impl Fn(&str) -> Result<String, Error> {
    move |file| fs::read_to_string(root.join(file)).map_err(|source| Error::File { file: file.to_owned(), source })
}

/// Writes every stale file and returns the paths of these files.
///
/// # Errors
/// The errors of [`Sources::read`] and [`Sources::outputs`]; [`Error::File`].
pub fn write(root: &Path) -> Result<Vec<String>, Error> {
    let outputs = Sources::read(root)?.outputs(text_in(root))?;
    let stale: Vec<Output> = outputs.into_iter().filter(Output::is_stale).collect();
    for output in &stale {
        let written = fs::write(root.join(&output.file), &output.expected);
        written.map_err(|source| Error::File { file: output.file.clone(), source })?;
    }
    Ok(stale.into_iter().map(|output| output.file).collect())
}

//! The pages of the error codes: `shared/docs/errors/<CODE>.md`.

use std::fs;
use std::path::Path;

use crate::Error;

/// The page of one error code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPage {
    /// The stable code.
    pub code: String,
    /// The place in which clients meet the code: an HTTP status, a result or a task.
    pub place: String,
    /// The outcome of the action's effect.
    pub outcome: String,
    /// The resolution of the error.
    pub action: String,
    /// The meaning.
    pub meaning: String,
    /// The advice: the section "What to do".
    pub advice: String,
}

impl ErrorPage {
    /// Reads a page: the title, the three facts, the meaning, and what to do. `None` for a text of another form.
    pub fn parse(text: &str) -> Option<Self> {
        let blocks: Vec<&str> = text.trim().split("\n\n").collect();
        let [title, facts, meaning, "## What to do", advice] = blocks.as_slice() else { return None };
        let (place, facts) = facts.strip_prefix("* Where: ")?.split_once("\n* Outcome: ")?;
        let (outcome, action) = facts.split_once("\n* Action: ")?;
        Some(Self {
            code: title.strip_prefix("# ")?.to_owned(),
            place: place.to_owned(),
            outcome: outcome.trim_matches('`').to_owned(),
            action: action.trim_matches('`').to_owned(),
            meaning: one_line(meaning),
            advice: one_line(advice),
        })
    }

    /// The pages of all codes: refusals by their status first, then results and tasks; by code within each.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::ErrorPage`] for a page of another form, or with another title than its name.
    pub fn read_all(root: &Path) -> Result<Vec<Self>, Error> {
        let directory = "shared/docs/errors";
        let fail = |source| Error::File { file: directory.to_owned(), source };
        let mut pages = vec![];
        for entry in fs::read_dir(root.join(directory)).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name().to_string_lossy().into_owned();
            let Some(code) = name.strip_suffix(".md").filter(|code| *code != "README") else { continue };
            let page = Self::parse(&fs::read_to_string(root.join(directory).join(&name)).map_err(fail)?);
            let page = page.filter(|page| page.code == code);
            pages.push(page.ok_or_else(|| Error::ErrorPage { file: format!("{directory}/{name}") })?);
        }
        pages.sort_by(|a, b| (&a.place, &a.code).cmp(&(&b.place, &b.code)));
        Ok(pages)
    }
}

/// Joins the lines of a paragraph: a cell of a table has one.
fn one_line(paragraph: &str) -> String {
    paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# NOT_FOUND\n\n* Where: HTTP 404\n* Outcome: `none`\n* Action: `fix`\n\nNo such id,\nor no more.\n\n## What to do\n\nList them.\n";

    #[test]
    fn page_of_the_form_is_read() {
        let page = ErrorPage::parse(PAGE).unwrap();
        let fields =
            [&page.code, &page.place, &page.outcome, &page.action, &page.meaning, &page.advice].map(String::as_str);
        assert_eq!(fields, ["NOT_FOUND", "HTTP 404", "none", "fix", "No such id, or no more.", "List them."]);
    }

    #[test]
    fn page_of_another_form_is_refused() {
        for (part, other) in [
            ("# ", ""),
            ("* Where: ", ""),
            ("\n* Outcome", "\n\n* Outcome"),
            ("\n* Action", ""),
            ("## What", "### What"),
        ] {
            assert_eq!(ErrorPage::parse(&PAGE.replacen(part, other, 1)), None, "{part}");
        }
    }
}

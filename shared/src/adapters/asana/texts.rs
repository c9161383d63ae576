//! The forms of a description or a comment that a caller gives: plain, Markdown, or Asana's HTML.

use super::markdown::{self, Mention};
use super::mention;
use super::prelude::*;
use super::rich_text::Place;

/// The names of a text's fields: of the plain one in requests of callers and of Asana, and of the one in HTML.
#[derive(Clone, Copy, Debug)]
struct Names {
    plain: &'static str,
    html: &'static str,
    asana_html: &'static str,
}

const NOTES: Names = Names { plain: "notes", html: "htmlNotes", asana_html: "html_notes" };
const TEXT: Names = Names { plain: "text", html: "htmlText", asana_html: "html_text" };

/// A text in the form in which it was given.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextForms<'a> {
    pub(super) plain: Option<&'a Plain>,
    pub(super) markdown: Option<&'a Plain>,
    /// XML that is valid already.
    pub(super) html: Option<&'a str>,
    place: Place,
    names: Names,
}

impl<'a> TextForms<'a> {
    /// Returns the forms of a description.
    pub(super) fn notes(plain: Option<&'a Plain>, markdown: Option<&'a Plain>) -> Self {
        Self { plain, markdown, html: None, place: Place::Other, names: NOTES }
    }

    /// Returns the forms of a comment.
    pub(super) fn comment(plain: Option<&'a Plain>, markdown: Option<&'a Plain>) -> Self {
        Self { names: TEXT, ..Self::notes(plain, markdown) }
    }

    /// Adds HTML of a project or a comment.
    pub(super) fn or_html(self, html: Option<&'a Html>) -> Self {
        Self { html: html.map(|html| &**html), ..self }
    }

    /// Adds HTML of a task, and its headings.
    pub(super) fn or_task_html(self, html: Option<&'a TaskHtml>) -> Self {
        Self { html: html.map(|html| &**html), place: Place::Task, ..self }
    }

    /// True if there is no text.
    pub(super) fn is_empty(&self) -> bool {
        self.plain.is_none() && self.markdown.is_none() && self.html.is_none()
    }

    /// Checks that there is at most one form.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the second form.
    pub(super) fn check(&self) -> Result<()> {
        let given = [self.plain.is_some(), self.markdown.is_some(), self.html.is_some()];
        let second = if self.html.is_some() { self.names.html } else { "markdown" };
        let is_blank = |markdown: &&Plain| markdown::to_rich_text(markdown, self.place, &[]) == "<body></body>";
        if given.into_iter().filter(|is_given| *is_given).count() > 1 {
            let first = if self.plain.is_some() { self.names.plain } else { "markdown" };
            return Err(Error::invalid(second, format!("cannot be combined with {first}: one of them is the text")));
        }
        match self.markdown.filter(is_blank) {
            Some(_) => Err(Error::invalid("markdown", "must have a text that is shown, for example **Done**")),
            None => Ok(()),
        }
    }

    /// Checks that there is exactly one form.
    ///
    /// # Errors
    /// As [`TextForms::check`]; [`Error::Missing`] if there is none.
    pub(super) fn check_given(&self) -> Result<()> {
        match self.is_empty() {
            true => Err(Error::Missing(vec![format!("{} or markdown", self.names.plain)])),
            false => self.check(),
        }
    }

    /// Writes the text to a body in Asana's names.
    pub(super) fn write_to(&self, body: &mut Value, mentions: &[Mention]) {
        if let Some(plain) = self.plain {
            body[self.names.plain] = json!(plain);
        }
        if let Some(html) = self.rich(mentions) {
            body[self.names.asana_html] = json!(html);
        }
    }

    /// Returns the people whom the HTML mentions, as targets.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target> {
        self.html.map(mention::in_html).unwrap_or_default().into_iter().map(Target::person)
    }

    /// Returns the rich text, if it is one.
    pub(super) fn rich(&self, mentions: &[Mention]) -> Option<String> {
        let markdown = self.markdown.map(|markdown| markdown::to_rich_text(markdown, self.place, mentions));
        markdown.or_else(|| self.html.map(ToOwned::to_owned))
    }
}

//! The texts of a mail: plain, and as HTML. One is made of the other where only one is given.

use pulldown_cmark::{Event, Options, Parser, html};

use super::html_text;
use super::html_tokens::escape;
use super::mail_input::Body;
use super::outgoing_mail::OutgoingMail;
use crate::error::{Error, Result};

/// The forms in which an agent gives a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextForms<'a> {
    /// Plain.
    pub(super) body: Option<&'a Body>,
    /// As Markdown.
    pub(super) markdown: Option<&'a Body>,
    /// As HTML.
    pub(super) html: Option<&'a Body>,
}

impl TextForms<'_> {
    /// True if there is no text.
    pub(super) fn is_empty(self) -> bool {
        self.body.is_none() && self.markdown.is_none() && self.html.is_none()
    }

    /// Checks that there is a text, and one alone as HTML.
    ///
    /// # Errors
    /// [`Error::Missing`] or [`Error::Invalid`].
    pub(super) fn check(self) -> Result<()> {
        if self.is_empty() {
            return Err(Error::Missing(vec!["body".to_owned()]));
        }
        match self.markdown.is_some() && self.html.is_some() {
            true => Err(Error::invalid(
                "markdown",
                "must be absent beside html, which is made of it; for example html alone",
            )),
            false => Ok(()),
        }
    }

    /// Returns the plain text, and the HTML if there is one. Markdown is its own plain text: people write it so where there is no HTML.
    pub(super) fn both(self) -> (String, Option<String>) {
        let html = match (self.html, self.markdown) {
            (Some(html), _) => Some(html.to_string()),
            (None, markdown) => markdown.map(|markdown| to_html(markdown)),
        };
        // An empty text beside another form is an absent one.
        let body = self.body.filter(|body| !body.trim().is_empty());
        let text = match (body.or(self.markdown), &html) {
            (Some(text), _) => text.to_string(),
            (None, Some(html)) => html_text::of(html),
            (None, None) => String::new(),
        };
        (text, html)
    }
}

/// Returns a plain text as HTML.
pub(super) fn html_of(text: &str) -> String {
    let text = escape(text);
    // HTML shows a run of spaces as one.
    let text = text.replace('\t', "    ").replace("  ", "&nbsp; ");
    text.replace("\r\n", "\n").replace(['\r', '\n'], "<br>")
}

/// Adds a signature in HTML to a mail, behind the separator of signatures (RFC 3676 section 4.3).
pub(super) fn signed(mail: OutgoingMail, signature: &str) -> OutgoingMail {
    let html = mail.html.unwrap_or_else(|| html_of(&mail.text));
    let html = format!(
        "{html}<br><span class=\"gmail_signature_prefix\">-- </span><br><div class=\"gmail_signature\">{signature}</div>"
    );
    let text = joined(&mail.text, &format!("-- \n{}", html_text::of(signature)));
    OutgoingMail { text, html: Some(html), ..mail }
}

/// Returns two texts with an empty line between them; the second alone if the first is empty.
pub(super) fn joined(first: &str, second: &str) -> String {
    if first.trim().is_empty() { second.to_owned() } else { format!("{}\n\n{second}", first.trim_end()) }
}

/// Returns Markdown as HTML, with tables and strikethrough. HTML in it is shown as it is written: an agent quotes others there.
fn to_html(markdown: &str) -> String {
    let as_text = |event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        // A line of a mail ends where it was ended.
        Event::SoftBreak => Event::HardBreak,
        event => event,
    };
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, parser.map(as_text));
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn both(body: Option<&str>, markdown: Option<&str>, html: Option<&str>) -> (String, Option<String>) {
        let read = |text: Option<&str>| text.map(|text| serde_json::from_value::<Body>(json!(text)).unwrap());
        let (body, markdown, html) = (read(body), read(markdown), read(html));
        TextForms { body: body.as_ref(), markdown: markdown.as_ref(), html: html.as_ref() }.both()
    }

    #[test]
    fn markdown_or_html_alone_gives_both_texts() {
        let (text, html) = both(None, Some("Hi **Bob**,\nsee [this](https://x.y)\n\n- one"), None);
        assert_eq!(text, "Hi **Bob**,\nsee [this](https://x.y)\n\n- one");
        assert_eq!(
            html.unwrap(),
            "<p>Hi <strong>Bob</strong>,<br />\nsee <a href=\"https://x.y\">this</a></p>\n<ul>\n<li>one</li>\n</ul>"
        );
        let (text, html) = both(None, None, Some("<p>Hi <b>Bob</b> &amp; Ann</p><style>p{}</style>"));
        assert_eq!((text.as_str(), html.unwrap().len()), ("Hi Bob & Ann", 48));
        assert_eq!(both(Some("Hi"), Some("*Hi*"), None), ("Hi".to_owned(), Some("<p><em>Hi</em></p>".to_owned())));
        assert_eq!(both(Some("Hi"), None, None), ("Hi".to_owned(), None));
    }

    #[test]
    fn html_in_markdown_is_shown_and_not_run() {
        let (_, html) = both(None, Some("<script>x</script> <b>y</b>"), None);
        let html = html.unwrap();
        assert!(!html.contains("<script") && !html.contains("<b>") && html.contains("&lt;script&gt;"), "{html}");
    }
}

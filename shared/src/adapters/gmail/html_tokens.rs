//! The tokens of HTML that a browser shows: <https://html.spec.whatwg.org/multipage/rendering.html#hidden-elements>
//!
//! `html5gum` reads the tokens as a browser does. A mail is what a stranger wrote: a text that people do not see, in a script or behind
//! `display:none`, is no text for an agent either. Rules of a style sheet are not applied.

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

/// Elements with a content that a browser does not show.
const NEVER_SHOWN: [&str; 8] = ["iframe", "noembed", "noframes", "script", "style", "template", "textarea", "title"];
/// Elements without a content: <https://html.spec.whatwg.org/multipage/syntax.html#void-elements>
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements that end with the element around them, without an end tag of their own:
/// <https://html.spec.whatwg.org/multipage/syntax.html#optional-tags>
const ENDED_BY_PARENT: [&str; 11] = ["dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"];
/// Declarations of a `style` attribute that hide an element.
const HIDING: [&str; 2] = ["display:none", "visibility:hidden"];
/// Deepest elements that are counted within a hidden one.
const MAX_DEPTH: usize = 200;

/// A token that is shown.
pub(super) enum Shown {
    Start(StartTag<()>),
    End(String),
    Text(String),
}

/// Returns the tokens of HTML that a browser shows, in order.
pub(super) fn shown(html: &str) -> impl Iterator<Item = Shown> {
    let mut emitter = DefaultEmitter::<()>::default();
    // The content of scripts and styles is no markup.
    emitter.naively_switch_states(true);
    let mut hidden = Hidden::default();
    Tokenizer::new_with_emitter(html, emitter).filter_map(move |token| match token {
        Ok(Token::StartTag(tag)) => hidden.shows_start(&tag).then_some(Shown::Start(tag)),
        Ok(Token::EndTag(tag)) => Some(lossy(&tag.name)).filter(|name| hidden.shows_end(name)).map(Shown::End),
        Ok(Token::String(text)) => hidden.open.is_empty().then(|| Shown::Text(lossy(&text.value))),
        Ok(Token::Comment(_) | Token::Doctype(_) | Token::Error(_)) | Err(_) => None,
    })
}

/// Returns an attribute's value, empty for one that is absent.
pub(super) fn attribute(tag: &StartTag<()>, name: &str) -> String {
    tag.attributes.get(name.as_bytes()).map(|value| lossy(&value.value)).unwrap_or_default()
}

/// True for an address with one of these schemes, such as `https://`.
pub(super) fn has_scheme(address: &str, schemes: &[&str]) -> bool {
    let starts = |scheme: &&str| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    schemes.iter().any(starts)
}

/// Returns a text as it is written in HTML, also within an attribute.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns a name or a text of a token.
pub(super) fn lossy(text: &HtmlString) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// The hidden element at the place, and the elements open within it. Empty where the place is shown.
#[derive(Default)]
struct Hidden {
    open: Vec<String>,
}

impl Hidden {
    fn shows_start(&mut self, tag: &StartTag<()>) -> bool {
        let name = lossy(&tag.name);
        // A paragraph ends where the next one starts.
        if self.open.len() == 1 && self.open[0] == "p" && name == "p" {
            self.open.clear();
        }
        let is_hidden = !self.open.is_empty() || hides(&name, tag);
        let is_counted = self.open.len() < MAX_DEPTH && self.open.first().is_none_or(|root| !is_never_shown(root));
        if is_hidden && is_counted && !VOID.contains(&name.as_str()) {
            self.open.push(name);
        }
        !is_hidden
    }

    fn shows_end(&mut self, name: &str) -> bool {
        let Some(root) = self.open.first() else { return true };
        match self.open.iter().rposition(|open| open == name) {
            Some(place) => self.open.truncate(place),
            // The element around the hidden one ends.
            None if ENDED_BY_PARENT.contains(&root.as_str()) => {
                self.open.clear();
                return true;
            }
            None => {}
        }
        false
    }
}

fn is_never_shown(name: &str) -> bool {
    NEVER_SHOWN.contains(&name)
}

fn hides(name: &str, tag: &StartTag<()>) -> bool {
    let style: String = attribute(tag, "style").to_lowercase().split_whitespace().collect();
    (is_never_shown(name) && !tag.self_closing)
        || tag.attributes.contains_key(b"hidden".as_slice())
        || HIDING
            .iter()
            .any(|declaration| style.split(';').any(|part| part.trim_end_matches("!important") == *declaration))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the texts that are shown, each in its own place.
    fn texts(html: &str) -> Vec<String> {
        let text = |token| match token {
            Shown::Text(text) => Some(text),
            Shown::Start(_) | Shown::End(_) => None,
        };
        shown(html).filter_map(text).collect()
    }

    #[test]
    fn text_that_people_do_not_see_is_left_out() {
        for (html, expected) in [
            ("<div style=\"display:none\">Pay <div>DE12</div> now</div>Hi", "Hi"),
            ("<span STYLE='color:red; DISPLAY : none !important;'>x</span>Hi", "Hi"),
            ("<span style=\"visibility: hidden\">x</span>Hi", "Hi"),
            ("<p hidden>x<p>Hi", "Hi"),
            ("<table><tr><td hidden>x</tr></table>Hi", "Hi"),
            ("<div><p style=display:none>x</div>Hi", "Hi"),
            ("<img style=\"display:none\" alt=x>Hi", "Hi"),
            ("<div hidden><br><img src=x></b></div>Hi", "Hi"),
            ("<script>a<b></script><textarea>e</textarea>Hi", "Hi"),
            ("<div style=\"display:block\">Hi</div>", "Hi"),
            ("<div data-x=\"display:none\" title=hidden>Hi</div>", "Hi"),
            ("<div hidden>never closed", ""),
        ] {
            assert_eq!(texts(html).concat(), expected, "{html}");
        }
        let deep = format!("<div hidden>{}x", "<b>".repeat(100_000));
        assert!(texts(&deep).is_empty());
    }

    #[test]
    fn a_scheme_is_read_in_any_letter_case() {
        assert!(has_scheme("HTTPS://x.example", &["https://"]) && !has_scheme("httpsx", &["https://", "tel:"]));
    }
}

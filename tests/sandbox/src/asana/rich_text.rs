//! Rich text (<https://developers.asana.com/docs/rich-text>): strict XML of few tags. Links to Asana's own objects are completed.

use xmlparser::{ElementEnd, Token, Tokenizer};

use super::seed::PEOPLE;
use super::{ErrorResponse, State, bad_request};

const COMMON_TAGS: [&str; 11] = ["body", "strong", "em", "u", "s", "code", "a", "ol", "ul", "li", "blockquote"];
const TASK_TAGS: [&str; 4] = ["h1", "h2", "hr", "img"];

/// A rich text as Asana returns it.
pub(crate) struct Accepted {
    pub(crate) html: String,
    /// Its plain text.
    pub(crate) text: String,
}

/// The state of reading.
struct Reader<'a> {
    state: &'a State,
    field: &'a str,
    has_headings: bool,
    open: Vec<String>,
    attributes: Vec<(String, String)>,
    /// The place of the content of an open link that Asana names, and the name.
    named: Option<(usize, usize, String)>,
    accepted: Accepted,
}

/// Accepts the rich text of a field, as XML and as plain text.
pub(crate) fn accept(state: &State, field: &str, xml: &str, has_headings: bool) -> Result<Accepted, ErrorResponse> {
    let accepted = Accepted { html: String::new(), text: String::new() };
    let mut reader = Reader { state, field, has_headings, open: vec![], attributes: vec![], named: None, accepted };
    if !xml.starts_with("<body>") || !xml.ends_with("</body>") {
        return Err(reader.invalid());
    }
    for token in Tokenizer::from(xml) {
        let token = token.map_err(|_| reader.invalid())?;
        reader.read(token)?;
    }
    match reader.open.is_empty() {
        true => Ok(Accepted { text: reader.accepted.text.trim().to_owned(), ..reader.accepted }),
        false => Err(reader.invalid()),
    }
}

/// Returns a plain text as rich text.
pub(crate) fn of_plain(text: &str) -> String {
    format!("<body>{}</body>", text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

impl Reader<'_> {
    fn invalid(&self) -> ErrorResponse {
        bad_request(&format!("{}: XML is invalid", self.field))
    }

    fn read(&mut self, token: Token<'_>) -> Result<(), ErrorResponse> {
        match token {
            Token::ElementStart { prefix, local, .. } if prefix.is_empty() => {
                let name = local.as_str();
                let is_known =
                    COMMON_TAGS.contains(&name) || name == "pre" || (self.has_headings && TASK_TAGS.contains(&name));
                let parent = self.open.last().map(String::as_str);
                let fits = match parent {
                    Some("ul" | "ol") => name == "li",
                    Some("li") => !["h1", "h2", "pre", "blockquote", "hr", "li"].contains(&name),
                    Some("h1" | "h2" | "pre" | "code") => {
                        !["ul", "ol", "li", "pre", "blockquote", "h1", "h2"].contains(&name)
                    }
                    _ => name != "li",
                };
                if !is_known || !fits || (name == "body") != parent.is_none() {
                    return Err(self.invalid());
                }
                self.attributes.clear();
                self.open.push(name.to_owned());
                Ok(())
            }
            Token::Attribute { local, value, .. } => {
                let element = self.open.last().map(String::as_str).unwrap_or_default();
                if !["a", "img"].contains(&element) {
                    return Err(self.invalid());
                }
                self.check_entities(value.as_str())?;
                self.attributes.push((local.to_string(), value.to_string()));
                Ok(())
            }
            Token::ElementEnd { end, .. } => self.end(end),
            Token::Text { text } => {
                self.check_entities(text.as_str())?;
                self.accepted.html.push_str(text.as_str());
                self.accepted.text.push_str(&plain(text.as_str()));
                Ok(())
            }
            _ => Err(self.invalid()),
        }
    }

    /// Rejects an `&` that is none of XML's own references.
    fn check_entities(&self, text: &str) -> Result<(), ErrorResponse> {
        let is_known = |name: &str| ["amp", "lt", "gt", "quot", "apos"].contains(&name) || name.starts_with('#');
        let mut parts = text.split('&').skip(1);
        match parts.all(|part| part.split_once(';').is_some_and(|(name, _)| is_known(name))) {
            true => Ok(()),
            false => Err(self.invalid()),
        }
    }

    fn end(&mut self, end: ElementEnd<'_>) -> Result<(), ErrorResponse> {
        let name = self.open.last().cloned().unwrap_or_default();
        match end {
            ElementEnd::Open | ElementEnd::Empty => {
                if name == "li" && !self.accepted.text.is_empty() {
                    self.accepted.text.push('\n');
                }
                self.accepted.text.push_str(if name == "li" { "• " } else { "" });
                let start = self.start_tag(&name)?;
                self.accepted.html.push_str(&start);
                if name == "a"
                    && let Some((_, name)) = self.linked()
                {
                    self.named = Some((self.accepted.html.len(), self.accepted.text.len(), name));
                }
                if end == ElementEnd::Open {
                    return Ok(());
                }
            }
            ElementEnd::Close(_, local) if local.as_str() == name => {}
            ElementEnd::Close(..) => return Err(self.invalid()),
        }
        if let Some((html, text, name)) = self.named.take_if(|_| name == "a") {
            self.accepted.html.truncate(html);
            self.accepted.text.truncate(text);
            self.accepted.html.push_str(&name.replace('&', "&amp;").replace('<', "&lt;"));
            self.accepted.text.push_str(&name);
        }
        self.accepted.html.push_str(&format!("</{name}>"));
        self.open.pop();
        Ok(())
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the kind and the name of the object that the open link is named by.
    fn linked(&self) -> Option<(&'static str, String)> {
        let keeps_text = self.attribute("data-asana-dynamic") == Some("false");
        self.object().filter(|_| !keeps_text)
    }

    /// Returns the kind and the name of the object to which the open link leads.
    fn object(&self) -> Option<(&'static str, String)> {
        let gid = match self.attribute("data-asana-gid") {
            Some(gid) => gid,
            None => self.attribute("href")?.strip_prefix("https://app.asana.com/0/")?.rsplit('/').next()?,
        };
        if let Some(person) = PEOPLE.iter().find(|person| person.gid == gid) {
            return Some(("user", format!("@{}", person.name)));
        }
        let name = |record: &serde_json::Value| record["name"].as_str().unwrap_or_default().to_owned();
        let task = self.state.task(gid).map(|task| ("task", name(task)));
        task.or_else(|| self.state.project(gid).map(|project| ("project", name(project))))
    }

    fn start_tag(&self, name: &str) -> Result<String, ErrorResponse> {
        if name != "a" {
            let attributes: String =
                self.attributes.iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect();
            return Ok(format!("<{name}{attributes}>"));
        }
        let dynamic = self.attribute("data-asana-dynamic") != Some("false");
        match (self.object(), self.attribute("href")) {
            (Some((kind, _)), href) => {
                let gid = self.attribute("data-asana-gid").or_else(|| href?.rsplit('/').next()).unwrap_or_default();
                let href = href.map_or_else(|| format!("https://app.asana.com/0/0/{gid}/f"), str::to_owned);
                Ok(format!(
                    "<a href=\"{href}\" data-asana-accessible=\"true\" data-asana-dynamic=\"{dynamic}\" \
                     data-asana-type=\"{kind}\" data-asana-gid=\"{gid}\">"
                ))
            }
            (None, Some(href)) if href.contains(':') => Ok(format!("<a href=\"{href}\">")),
            _ => Err(bad_request(&format!("{}: Link has neither a known GID nor a valid href", self.field))),
        }
    }
}

/// Returns a text without XML's references.
fn plain(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

//! Reading of Slack's markup: entities as characters, mentions by name, links as `label (address)`.
//! <https://docs.slack.dev/messaging/formatting-message-text#advanced>

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// A mention in a message, as output.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Mention {
    /// The kind.
    #[serde(rename = "type")]
    pub(super) kind: MentionKind,
    /// The id.
    pub(super) id: Option<String>,
    /// The name, if it is known.
    pub(super) name: Option<String>,
}

/// The kind of a mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum MentionKind {
    /// A person or an app.
    Person,
    /// A channel.
    Channel,
    /// A user group.
    Group,
    /// All members, by the name `here`, `channel` or `everyone`.
    Everyone,
}

/// A reader of the texts of one message.
pub(super) struct Reader<'a> {
    /// Returns the known name of a person.
    name_of: &'a dyn Fn(&str) -> Option<String>,
    /// The mentions that were read, each once.
    pub(super) mentions: Vec<Mention>,
}

impl<'a> Reader<'a> {
    /// Returns a reader that knows people by `name_of`.
    pub(super) fn new(name_of: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { name_of, mentions: Vec::new() }
    }

    /// Returns a text in Slack's markup as a person reads it.
    pub(super) fn read(&mut self, markup: &str) -> String {
        let mut text = String::with_capacity(markup.len());
        let mut rest = markup;
        while let Some((before, tail)) = rest.split_once('<') {
            text.push_str(&unescape(before));
            let inner = tail.split_once('>').filter(|(inner, _)| !inner.contains(['<', '\n']));
            let shown = inner.and_then(|(inner, after)| Some((self.reference(inner)?, after)));
            rest = match shown {
                Some((shown, after)) => {
                    text.push_str(&shown);
                    after
                }
                None => {
                    text.push('<');
                    tail
                }
            };
        }
        text.push_str(&unescape(rest));
        text
    }

    /// Returns what stands for the inside of angle brackets; `None` for what is no reference.
    fn reference(&mut self, inner: &str) -> Option<String> {
        let (target, label) = inner.split_once('|').unwrap_or((inner, ""));
        let label = unescape(label);
        let mark = target.chars().next()?;
        let id = &target[mark.len_utf8()..];
        match mark {
            '@' => Some(self.mention(MentionKind::Person, id, &label)),
            '#' => Some(self.mention(MentionKind::Channel, id, &label)),
            '!' => Some(self.command(id, label)),
            _ => target.contains(':').then(|| link(&unescape(target), &label)),
        }
    }

    /// Returns what stands for `<!here>`, `<!subteam^S0123456789>`, `<!date^1392734382^{date}|Feb 18>`.
    fn command(&mut self, command: &str, label: String) -> String {
        match command.split_once('^') {
            Some(("subteam", id)) => self.mention(MentionKind::Group, id, &label),
            _ if matches!(command, "here" | "channel" | "everyone") => self.broadcast(command),
            _ if label.is_empty() => command.to_owned(),
            _ => label,
        }
    }

    /// Returns the mention of all members, and notes it.
    pub(super) fn broadcast(&mut self, range: &str) -> String {
        self.note(Mention { kind: MentionKind::Everyone, id: None, name: Some(range.to_owned()) });
        format!("@{range}")
    }

    /// Returns a mention by its name, or by its id if the name is unknown, and notes it.
    pub(super) fn mention(&mut self, kind: MentionKind, id: &str, label: &str) -> String {
        let mark = if kind == MentionKind::Channel { '#' } else { '@' };
        let noted = self.mentions.iter().find(|mention| mention.kind == kind && mention.id.as_deref() == Some(id));
        let known = || noted.and_then(|mention| mention.name.clone());
        let current = || Some(id).filter(|_| kind == MentionKind::Person).and_then(self.name_of);
        let written = label.trim_start_matches(mark);
        let written = || Some(written.to_owned()).filter(|name| !name.is_empty());
        let name = current().or_else(written).or_else(known);
        let shown = format!("{mark}{}", name.as_deref().unwrap_or(id));
        self.note(Mention { kind, id: Some(id.to_owned()), name });
        shown
    }

    fn note(&mut self, mention: Mention) {
        let is_same = |noted: &Mention| noted.kind == mention.kind && noted.id == mention.id;
        match self.mentions.iter().position(|noted| is_same(noted) && (mention.id.is_some() || *noted == mention)) {
            Some(index) => self.mentions[index].name = mention.name,
            None => self.mentions.push(mention),
        }
    }
}

/// Returns a link as `label (address)`; as its address or label alone if that says the same.
pub(super) fn link(address: &str, label: &str) -> String {
    let bare = ["mailto:", "tel:"].iter().find_map(|scheme| address.strip_prefix(scheme));
    let without_scheme =
        bare.or_else(|| ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme)));
    let is_same = label == address
        || without_scheme.is_some_and(|rest| label.trim_end_matches('/') == rest.trim_end_matches('/'));
    match label {
        "" => bare.unwrap_or(address).to_owned(),
        _ if is_same => label.to_owned(),
        _ => format!("{label} ({address})"),
    }
}

/// Returns a text with Slack's three entities as characters.
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::adapters::slack::text::escape;

    fn read(markup: &str) -> (String, Vec<Mention>) {
        let name_of = |id: &str| (id == "U1").then(|| "Ann".to_owned());
        let mut reader = Reader::new(&name_of);
        (reader.read(markup), reader.mentions)
    }

    #[test]
    fn a_text_is_read_as_a_person_reads_it() {
        for (markup, text) in [
            ("Tom &amp; Ann &lt; 3 &amp;lt;", "Tom & Ann < 3 &lt;"),
            ("Ask <@U1>, <@U2|bob> or <@U3>", "Ask @Ann, @bob or @U3"),
            ("In <#C1|general>, <#C2> and <#C3|>", "In #general, #C2 and #C3"),
            ("<!here> <!channel|channel> <!subteam^S1|@ops> <!subteam^S2>", "@here @channel @ops @S2"),
            ("On <!date^1392734382^{date}|Feb 18, 2014>", "On Feb 18, 2014"),
            ("<https://x.example/?a=1&amp;b=2|the page>", "the page (https://x.example/?a=1&b=2)"),
            ("<https://x.example/a>", "https://x.example/a"),
            ("<http://example.com|example.com>", "example.com"),
            ("<mailto:a@b.example|a@b.example> <mailto:a@b.example|Ann>", "a@b.example Ann (mailto:a@b.example)"),
            ("a < b <c> <\n>", "a < b <c> <\n>"),
        ] {
            assert_eq!(read(markup).0, text, "{markup}");
        }
    }

    #[test]
    fn mentions_have_their_ids_and_are_named_once() {
        let (_, mentions) = read("<@U1> <@U1> <#C1|general> <!here> <!subteam^S1>");
        let rows: Vec<_> = mentions.iter().map(|one| (one.kind, one.id.as_deref(), one.name.as_deref())).collect();
        assert_eq!(
            rows,
            [
                (MentionKind::Person, Some("U1"), Some("Ann")),
                (MentionKind::Channel, Some("C1"), Some("general")),
                (MentionKind::Everyone, None, Some("here")),
                (MentionKind::Group, Some("S1"), None),
            ]
        );
    }

    proptest! {
        #[test]
        fn what_was_sent_is_what_is_read(text in "([<>&|@#!;:/.\\n a-z0-9ä🎉*_`~]|&amp;|<@U1>|<!here>|https://x\\.example/){0,60}") {
            prop_assert_eq!(read(&escape(&text)), (text, vec![]));
        }
    }
}

//! Markdown as Asana's rich text. Only what Asana has becomes markup: tables are preformatted text, pictures are links, and HTML is text.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::rich_text::Place;
use super::rich_text_writer::Writer;

/// The mark around an escaped part of a mention's form, so that it is none. XML has no such character: it is left out of what is written.
pub(super) const ESCAPED: char = '\u{ffff}';

/// A mention by what stands for it in the text, such as `<@ann@example.com>`, and the id of whom it names.
pub(super) type Mention = (String, String);

/// Returns Markdown as a rich text, with these mentions.
pub(super) fn to_rich_text(markdown: &str, place: Place, mentions: &[Mention]) -> String {
    let mut writer = Writer::new(place, mentions);
    events(markdown).for_each(|event| writer.take(event));
    writer.finish()
}

/// Returns the texts of Markdown in which something can be named: all but code, HTML, links and tables.
pub(super) fn texts(markdown: &str) -> Vec<String> {
    let mut excluded = 0;
    let mut texts = vec![];
    for event in events(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Link { .. } | Tag::Image { .. } | Tag::Table(_)) => excluded += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::Link | TagEnd::Image | TagEnd::Table) => excluded -= 1,
            Event::Text(text) if excluded == 0 => texts.push(text.into_string()),
            _ => {}
        }
    }
    texts
}

fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(markdown, options).into_offset_iter();
    TextMergeStream::new(events.map(|(event, range)| match event {
        Event::Text(text) => Event::Text(mark_escaped(markdown, text, range.start)),
        event => event,
    }))
}

/// Marks the first character of a text if it is written as `\<` or `&lt;`: a backslash and an entity start a text of their own.
fn mark_escaped<'a>(markdown: &str, text: CowStr<'a>, start: usize) -> CowStr<'a> {
    let Some(first) = text.chars().next().filter(|first| "<@>".contains(*first)) else { return text };
    let (before, at) = markdown.split_at(start);
    let backslashes = before.len() - before.trim_end_matches('\\').len();
    match at.starts_with(first) && backslashes % 2 == 0 {
        true => text,
        false => format!("{ESCAPED}{first}{ESCAPED}{}", &text[1..]).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rich_text;
    use super::*;

    fn task(markdown: &str) -> String {
        let xml = to_rich_text(markdown, Place::Task, &[]);
        rich_text::check(&xml, Place::Task).unwrap_or_else(|reason| panic!("{markdown:?}: {reason}: {xml}"));
        xml.strip_prefix("<body>").unwrap().strip_suffix("</body>").unwrap().to_owned()
    }

    fn comment(markdown: &str) -> String {
        let xml = to_rich_text(markdown, Place::Other, &[]);
        rich_text::check(&xml, Place::Other).unwrap_or_else(|reason| panic!("{markdown:?}: {reason}: {xml}"));
        xml.strip_prefix("<body>").unwrap().strip_suffix("</body>").unwrap().to_owned()
    }

    #[test]
    fn markdown_becomes_what_asana_has() {
        for (markdown, xml) in [
            ("a\nb", "a b"),
            ("a  \nb\\\nc", "a\nb\nc"),
            ("a\n\nb", "a\n\nb"),
            ("**b** *i* ~~s~~ `x<1`", "<strong>b</strong> <em>i</em> <s>s</s> <code>x&lt;1</code>"),
            ("# A\n\nb\n\n## C\n### D", "<h1>A</h1>b<h2>C</h2><h2>D</h2>"),
            ("a\n- b\n- c\n  - d\n\ne", "a<ul><li>b</li><li>c<ul><li>d</li></ul></li></ul>e"),
            ("3. a\n4. b", "<ol><li>a</li><li>b</li></ol>"),
            ("- a\n\n  b\n\n- c", "<ul><li>a\nb</li><li>c</li></ul>"),
            ("- [x] a\n- [ ] b", "<ul><li>☑ a</li><li>☐ b</li></ul>"),
            ("- a\n\n  ```\n  x\n  y\n  ```", "<ul><li>a\n<code>x\ny</code></li></ul>"),
            ("> a\n> b\n>\n> c\n\nd", "<blockquote>a b\n\nc</blockquote>d"),
            ("> a\n> - b\n> - c", "<blockquote>a\n- b\n- c</blockquote>"),
            ("> 1. b\n> 2. c", "<blockquote>1. b\n2. c</blockquote>"),
            ("> a\n>> b", "<blockquote>a\n\nb</blockquote>"),
            ("- > a\n- # b", "<ul><li>a</li><li><strong>b</strong></li></ul>"),
            ("```rust\na <b>\n\n  c\n```\nd", "<pre>a &lt;b&gt;\n\n  c</pre>d"),
            ("a\n\n---\n\nb", "a<hr/>b"),
            ("| a | b |\n|--|--|\n| **1** | `22` |", "<pre>a | b\n--|---\n1 | 22</pre>"),
            ("[a](https://x.example?b=1&c=2)", "<a href=\"https://x.example?b=1&amp;c=2\">a</a>"),
            ("[a](/b) [c](javascript:d)", "a c (javascript:d)"),
            ("**[call](tel:+1234)** <tel:+1234>", "<strong>call (tel:+1234)</strong> tel:+1234"),
            ("![alt](https://x.example/a.png)", "<a href=\"https://x.example/a.png\">alt</a>"),
            ("[![alt](https://x.example/a.png)](https://y.example)", "<a href=\"https://y.example\">alt</a>"),
            ("See https://x.example/a_b.", "See <a href=\"https://x.example/a_b\">https://x.example/a_b</a>."),
            ("<ann@example.com>", "<a href=\"mailto:ann@example.com\">ann@example.com</a>"),
            (
                "[task](https://app.asana.com/0/1/2)",
                "<a href=\"https://app.asana.com/0/1/2\" data-asana-dynamic=\"false\">task</a>",
            ),
            (
                "https://app.asana.com/0/profile/5 <https://app.asana.com/0/profile/5>",
                "<a href=\"https://app.asana.com/0/profile/5\" data-asana-dynamic=\"false\">https://app.asana.com/0/profile/5</a> \
                 <a href=\"https://app.asana.com/0/profile/5\" data-asana-dynamic=\"false\">https://app.asana.com/0/profile/5</a>",
            ),
            (
                "<https://app.asana.com/0/1/2>",
                "<a href=\"https://app.asana.com/0/1/2\">https://app.asana.com/0/1/2</a>",
            ),
            ("a<br>b", "a\nb"),
            ("R&D &amp; &copy; \"x\"", "R&amp;D &amp; © &quot;x&quot;"),
        ] {
            assert_eq!(task(markdown), xml, "{markdown}");
        }
    }

    #[test]
    fn comments_and_projects_have_no_headings_and_rules() {
        assert_eq!(comment("# A **b**\n\nc"), "<strong>A b</strong>\n\nc");
        assert_eq!(comment("a\n\n---\n\nb"), "a\n\n———\n\nb");
    }

    #[test]
    fn hostile_html_is_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "<a data-asana-gid=\"1\"/>",
            "x <img src=x onerror=alert(1)> y",
            "</body><body>",
            "<!-- x --> <?php ?> <![CDATA[ x ]]>",
            "&lt;script&gt; &#0; &#x1; \u{b}",
            "<@me> @all <@1200000000000021>",
            "**<em>**",
            "[x](<https://e.example/\"><script>>)",
            "```\n</pre><a href=\"javascript:x\">\n```",
        ] {
            for xml in [task(hostile), comment(hostile)] {
                assert!(
                    !xml.contains("<script") && !xml.contains("data-asana-gid=\"1\"") && !xml.contains("<img"),
                    "{xml}"
                );
            }
        }
    }

    #[test]
    fn mentions_are_written_where_they_were_resolved() {
        let mentions = [("<@Ann Lee>".to_owned(), "5".to_owned())];
        let xml = to_rich_text("Hi **<@Ann Lee>** `<@Ann Lee>` <@Bob>", Place::Other, &mentions);
        assert_eq!(
            xml,
            "<body>Hi <strong><a data-asana-gid=\"5\"/></strong> <code>&lt;@Ann Lee&gt;</code> &lt;@Bob&gt;</body>"
        );
        assert_eq!(
            texts("Hi <@a@b.example>\n\n    <@c>\n\n`<@d>`\n\n[<@e>](https://x.example)"),
            ["Hi <@a@b.example>"]
        );
    }

    #[test]
    fn an_escaped_mention_is_text() {
        let mentions = [("<@Sam>".to_owned(), "5".to_owned())];
        for (markdown, xml) in [
            ("<@Sam>", "<a data-asana-gid=\"5\"/>"),
            ("\\\\<@Sam>", "\\<a data-asana-gid=\"5\"/>"),
            ("&amp;<@Sam>", "&amp;<a data-asana-gid=\"5\"/>"),
            ("\\<@Sam>", "&lt;@Sam&gt;"),
            ("\\\\\\<@Sam>", "\\&lt;@Sam&gt;"),
            ("Hi \\<@Sam\\>, **<\\@Sam>**", "Hi &lt;@Sam&gt;, <strong>&lt;@Sam&gt;</strong>"),
            ("&lt;@Sam&gt; &#60;@Sam> <&commat;Sam>", "&lt;@Sam&gt; &lt;@Sam&gt; &lt;@Sam&gt;"),
            ("&#x3c;@Sam\\>", "&lt;@Sam&gt;"),
        ] {
            assert_eq!(to_rich_text(markdown, Place::Other, &mentions), format!("<body>{xml}</body>"), "{markdown}");
        }
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

            #[test]
            fn any_markdown_is_valid_rich_text(markdown in "([-*>#`|~_\\[\\]()<>&!a1. \n]|<b>|https://a\\.b|- |\n\n|```){0,60}") {
                task(&markdown);
                comment(&markdown);
            }
        }
    }
}

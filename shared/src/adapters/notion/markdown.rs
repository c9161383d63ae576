//! CommonMark with GFM's tables, tasks, strikethrough, footnotes, alerts and formulas, as Notion-flavored Markdown (version 2), and
//! back: <https://developers.notion.com/guides/data-apis/notion-flavored-markdown>
//!
//! Notion's tags are written here and nowhere else: what a text has of them is escaped, so that a text is only ever a text.

mod block_objects;
mod block_tags;
mod block_text;
mod block_writer;
mod html;
mod inline_writer;
mod layout;
mod moves;
mod parser;
mod rich_text;
mod scan;
mod tree;

use self::inline_writer::Place;
use self::tree::Syntax;

pub(super) use self::block_objects::to_blocks;
pub(super) use self::block_text::{from_rich_text, is_plain};
pub(super) use self::layout::Layout;
pub(super) use self::moves::{adds_move, find_move, has_object};
pub(super) use self::rich_text::to_rich_text;

/// The version of the dialect that is written and read here. Version 1 is deprecated:
/// <https://developers.notion.com/guides/data-apis/migrate-to-notion-flavored-markdown>
pub(super) const VERSION: &str = "v2";

/// Converts CommonMark to Notion's dialect. Text that looks like the dialect's tags, formulas or emoji becomes plain text there.
pub(super) fn to_notion(markdown: &str) -> String {
    block_writer::write(&parser::parse(markdown, Syntax::CommonMark), Syntax::Notion)
}

/// Converts a line of CommonMark to the text of a table's cell in Notion's dialect.
pub(super) fn to_notion_cell(markdown: &str) -> String {
    inline_writer::write(&parser::parse_line(markdown, Syntax::CommonMark), Place::cell(Syntax::Notion))
}

/// Converts Notion's dialect to CommonMark. Blocks that CommonMark does not have become the nearest that it has.
pub(super) fn from_notion(content: &str) -> String {
    block_writer::write(&block_tags::read(content), Syntax::CommonMark)
}

/// Returns the text of content in Notion's dialect, without marks, tags and addresses.
pub(super) fn plain_text(content: &str) -> String {
    tree::text_of_blocks(&block_tags::read(content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commonmark_becomes_notions_dialect() {
        for (markdown, notion) in [
            ("a\nb  \nc", "a b\\\nc"),
            ("* a\n  wrapped\n    * b", "- a wrapped\n  - b"),
            ("- [x] **Done**\n- [ ] Open", "- [x] **Done**\n- [ ] Open"),
            ("> a\n> b", "> a b"),
            ("> a\n>\n> - b", "<quote>\na\n\n- b\n</quote>"),
            ("1. a\n\n   b", "<ol>\n<li>\na\n\nb\n</li>\n</ol>"),
            ("> [!TIP]\n> a", "<callout icon=\"💡\" color=\"green_bg\">\na\n</callout>"),
            ("<details>\n<summary>T</summary>\n\na\n\n</details>", "<toggle>\nT\n\na\n</toggle>"),
            ("###### a", "#### a"),
            ("$5 and $6, $x^2$", "\\$5 and \\$6, $x^2$"),
            ("$$x<y$$", "$$\nx< y\n$$"),
            ("a[^n]\n\n[^n]: b", "a\\[1\\]\n\n1. b"),
            ("a ![b](https://c.example/d.png)", "a\n\n![b](https://c.example/d.png)"),
            ("<div>a</div>", "&lt;div>a&lt;/div>"),
            ("[a](javascript:b) [c](/d)", "a (javascript:b) c (/d)"),
            ("| a |\n|---|\n| `b\\|c` |", "| a |\n| --- |\n| `b\\|c` |"),
            ("a{color=\"red\"} [^1] :smile: 10:30:15", "a{color=\"red\"} \\[^1\\] \\:smile: 10\\:30:15"),
            ("**<u>a</u>** x**b**y <i>c</i>", "**<u>a</u>** x**b**y *c*"),
        ] {
            assert_eq!(to_notion(markdown), notion, "{markdown}");
        }
    }

    #[test]
    fn notions_dialect_becomes_commonmark() {
        for (notion, markdown) in [
            ("<mention url=\"user://u1\">Ann</mention> and <date start=\"2026-12-01\" />", "@Ann and 2026-12-01"),
            ("<page url=\"https://www.notion.so/p1\">Plan</page>", "[Plan](https://www.notion.so/p1)"),
            ("<columns><column ratio=\"50\">\na\n</column><column>\nb\n</column></columns>", "a\n\nb"),
            ("<unknown url=\"https://www.notion.so/p1\" alt=\"bookmark\"/>", "[bookmark](https://www.notion.so/p1)"),
            ("<callout icon=\"🚀\" color=\"red\">\na\n</callout>", "> 🚀 a"),
            ("<span color=\"red\"><u>a</u></span>\n\n<p />\n\nb", "<u>a</u>\n\nb"),
            ("<equation>a &lt; b</equation>", "$$\na < b\n$$"),
            ("<todo checked=\"true\">\na\n\nb\n</todo>", "- [x] a\n\n  b"),
            ("<table header-row=\"true\"><tr><td>a</td><td>b|c</td></tr></table>", "| a | b\\|c |\n| --- | --- |"),
            ("```\n<page url=\"https://www.notion.so/p1\">\n```", "```\n<page url=\"https://www.notion.so/p1\">\n```"),
        ] {
            assert_eq!(from_notion(notion), markdown, "{notion}");
        }
    }

    #[test]
    fn deep_and_broken_documents_are_written() {
        let hostile =
            [">", "- ", "*", "[", "![", "<u>", "`", "$", "<details>\n\n", "|a|\n|-|\n", "<p>\n", "<quote>\n", "```\n"];
        for part in hostile {
            let text = part.repeat(4_000);
            from_notion(&to_notion(&text));
            from_notion(&text);
            find_move(&text);
        }
    }

    #[test]
    fn a_tag_that_is_escaped_or_in_code_ends_no_element() {
        for (content, shown) in [
            ("Use \\</p> here\n", 1),
            ("Use `</p>`, ``a`</p>`` and \\`\n", 2),
            ("Use `<p>`\n", 0),
            ("a ` and \\` b\n", 0),
            ("a\\\\", 0),
        ] {
            let markdown = from_notion(&format!("<p color=\"red\">\n{content}</p>\n\nb"));
            assert!(markdown.ends_with("\n\nb") && markdown.matches("/p>").count() == shown, "{content}: {markdown}");
        }
    }

    #[test]
    fn many_tags_without_an_end_are_read_in_linear_time() {
        for part in ["<p \"", "<p \"\n"] {
            for first in ["", "<p>\n"] {
                let text = [first, &part.repeat(100_000)].concat();
                assert!(!from_notion(&text).is_empty(), "{part}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A text of which every mark is escaped is the same text in Notion and when it is read again.
        #[test]
        fn text_survives_a_round_trip(text in "[ -~äß字😀]{0,60}") {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let mark = |char: char| if char.is_ascii_punctuation() { vec!['\\', char] } else { vec![char] };
            let notion = to_notion(&words.chars().flat_map(mark).collect::<String>());
            prop_assert_eq!(plain_text(&notion), words.clone());
            prop_assert_eq!(plain_text(&to_notion(&from_notion(&notion))), words);
            prop_assert_eq!(find_move(&notion), None);
        }
    }
}

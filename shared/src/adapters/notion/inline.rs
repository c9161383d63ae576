//! The text of one block: Markdown to rich text, and back.
//! <https://developers.notion.com/reference/rich-text>

use serde_json::Value;

use super::{markdown, rich_text};

/// The answer to a text that is more than the text of one block.
const ONE_BLOCK: &str = "must be the text of one block, without the mark of a heading, a list, a quote or a fence: \
                         `Buy milk` and not `- Buy milk`; a backslash makes such a mark plain text";
/// The answer to a text with too many changes of style.
const TOO_LONG: &str = "must have at most 100 parts of 2,000 characters or of different style";

/// Converts the Markdown of one block to rich text.
///
/// # Errors
/// A reason, if it is the Markdown of another block or too long.
pub(super) fn to_rich_text(text: &str) -> Result<Vec<Value>, &'static str> {
    if !markdown::is_plain(text) {
        return Err(ONE_BLOCK);
    }
    let pieces = markdown::to_rich_text(text);
    if pieces.len() <= rich_text::MAX_PIECES { Ok(pieces) } else { Err(TOO_LONG) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn piece(text: &str, style: &str) -> Value {
        let annotations: Value = style.split_whitespace().map(|name| (name.to_owned(), Value::Bool(true))).collect();
        json!({ "type": "text", "plain_text": text, "annotations": annotations })
    }

    #[test]
    fn markdown_of_another_block_is_refused() {
        for markdown in ["- a", "# a", "> a", "1. a", "```\na\n```", "---", "    a", "- [ ] a", "|a|\n|-|"] {
            assert_eq!(to_rich_text(markdown), Err(ONE_BLOCK), "{markdown}");
        }
        assert_eq!(to_rich_text(&"*a* b ".repeat(60)), Err(TOO_LONG));
        assert_eq!(to_rich_text(&"word ".repeat(2000)).unwrap().len(), 5);
    }

    #[test]
    fn tags_are_text() {
        for markdown in [
            "<mention url=\"user://x\">Ann</mention>",
            "<page url=\"https://notion.so/1\">P</page>",
            "\\- a",
            "$5 and $6",
        ] {
            let text = markdown.replace('\\', "");
            assert_eq!(to_rich_text(markdown), Ok(rich_text::to_rich_text(&text)), "{markdown}");
        }
    }

    #[test]
    fn pieces_become_markdown() {
        let link = json!({ "type": "text", "plain_text": "us", "href": "https://a.example/x" });
        let rich =
            json!([piece("Ship ", ""), piece("it ", "bold"), piece("now", "bold italic"), piece(", a_b ", ""), link]);
        assert_eq!(markdown::from_rich_text(&rich), "Ship <b>it *now*</b>, a_b [us](https://a.example/x)");
        for (text, markdown) in [("1. a", "1\\. a"), ("- a", "\\- a"), ("# a", "\\# a"), ("a - b # c", "a - b # c")] {
            assert_eq!(markdown::from_rich_text(&json!([piece(text, "")])), markdown);
        }
        assert_eq!(markdown::from_rich_text(&json!([piece("a\nb", "")])), "a\\\nb");
        assert_eq!(markdown::from_rich_text(&Value::Null), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_survives_a_round_trip(text in "[ -~äß字😀]{0,40}|[#>*_`~$<&.0-9a ()\\[\\]+=|!:-]{1,20}") {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let markdown = markdown::from_rich_text(&json!([piece(&text, "")]));
            let back = to_rich_text(&markdown).map(|pieces| rich_text::to_plain(&json!(pieces)));
            prop_assert_eq!(back, Ok(text), "{}", markdown);
        }
    }
}

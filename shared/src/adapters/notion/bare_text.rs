//! The letters and digits of a text, by which texts are compared that Notion writes in another form: Markdown becomes blocks, and
//! marks, quotes and spaces change on the way.

/// Returns the letters and digits of Markdown or of plain text, without its marks, the targets of its links and its tags.
pub(super) fn bare_text(text: &str) -> String {
    let mut bare = String::new();
    for line in text.lines() {
        // The word after a fence is the name of a language.
        if !line.trim_start().starts_with("```") {
            push_line(&mut bare, without_markers(line.trim_start()));
        }
    }
    bare
}

/// Removes the marks at the start of a heading, a list item, a to-do or a quote.
fn without_markers(mut line: &str) -> &str {
    loop {
        let number = line.trim_start_matches(|char: char| char.is_ascii_digit());
        let is_numbered = number.len() < line.len() && (number.starts_with(". ") || number.starts_with(") "));
        let marks = ["# ", "## ", "### ", "#### ", "- ", "* ", "+ ", "> ", "[ ] ", "[x] ", "[X] "];
        let rest = if is_numbered { Some(&number[2..]) } else { marks.iter().find_map(|mark| line.strip_prefix(mark)) };
        match rest {
            Some(rest) => line = rest.trim_start(),
            None => return line,
        }
    }
}

fn push_line(bare: &mut String, mut line: &str) {
    while let Some(char) = line.chars().next() {
        line = match skipped(line) {
            Some(length) => &line[length..],
            None => {
                bare.extend(Some(char).filter(|char| char.is_alphanumeric()));
                &line[char.len_utf8()..]
            }
        };
    }
}

/// Returns the length of a link's target, a tag or an entity at the start of a text.
fn skipped(text: &str) -> Option<usize> {
    let enclosed = |start: &str, end: char| text.starts_with(start).then(|| text.find(end)).flatten();
    let tag = || enclosed("<", '>').filter(|end| !text[..*end].contains("://"));
    let entity = || enclosed("&", ';').filter(|end| *end <= 8 && !text[..*end].contains(' '));
    enclosed("](", ')').or_else(tag).or_else(entity).map(|end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markdown_has_the_bare_text_of_its_blocks() {
        for (markdown, blocks) in [
            ("# Plan\n\n- [x] **Ship** it\n- [ ] Sail", "Plan Ship it Sail"),
            ("## 1. One\n2) Two\n> Three", "1. One\nTwo\nThree"),
            ("See [the plan](https://a.example/x_(1)) &amp; say “so”", "See the plan & say \"so\"".trim_end()),
            ("```rust\nlet x = 1;\n```", "let x = 1;"),
            ("| a | b |\n|---|---|\n| c | d |", "a b\nc d"),
            ("Hi <mention-user url=\"x\"/>, see <https://a.example>", "Hi , see https://a.example"),
            ("snake_case and foo*bar*baz", "snake_case and foobarbaz"),
            ("Größe: 5 €", "Größe 5"),
        ] {
            assert_eq!(bare_text(markdown), bare_text(blocks), "{markdown}");
        }
        assert_ne!(bare_text("Ship it"), bare_text("Ship them"));
    }

    proptest! {
        #[test]
        fn bare_text_is_only_letters_and_digits(text in "(?s)[ -~\\n]{0,60}|\\PC{0,40}") {
            prop_assert!(bare_text(&text).chars().all(char::is_alphanumeric));
        }
    }
}

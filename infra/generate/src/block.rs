//! Generated blocks: the lines between two marker lines of a file that is otherwise written by hand.

use crate::Error;

/// Replaces the lines between the markers of a block. The markers are comments of the file's own kind that contain
/// `generated: <name>` and `end of <name>`.
pub(crate) fn replace(file: &str, text: &str, name: &str, content: &str) -> Result<String, Error> {
    let (start, end) = (format!("generated: {name}"), format!("end of {name}"));
    let fail = || Error::Markers { file: file.to_owned(), start: start.clone(), end: end.clone() };
    let at = |marker: &str| {
        let mut found = text.match_indices(marker).map(|(index, _)| index);
        found.next().filter(|_| found.next().is_none()).ok_or_else(fail)
    };
    let (start, end) = (at(&start)?, at(&end)?);
    let from = text[start..].find('\n').map(|newline| start + newline + 1).ok_or_else(fail)?;
    // The end marker's line starts after the last newline before it.
    let to = text[..end].rfind('\n').map(|newline| newline + 1).filter(|to| *to >= from).ok_or_else(fail)?;
    Ok([&text[..from], content, &text[to..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a\n# generated: x\nold\n# end of x\nb\n";

    #[test]
    fn only_lines_between_the_markers_change() {
        assert_eq!(replace("f", TEXT, "x", "new\n").unwrap(), "a\n# generated: x\nnew\n# end of x\nb\n");
        assert_eq!(replace("f", TEXT, "x", "old\n").unwrap(), TEXT);
        assert_eq!(replace("f", TEXT, "x", "").unwrap(), "a\n# generated: x\n# end of x\nb\n");
    }

    #[test]
    fn missing_repeated_and_reversed_markers_are_errors() {
        let reversed = "# end of x\n# generated: x\n";
        for text in ["", "# generated: x\n", "# end of x\n", &TEXT.repeat(2), reversed] {
            let error = replace("f", text, "x", "new\n").unwrap_err().to_string();
            assert_eq!(error, "f must have one line with `generated: x` and below it one with `end of x`", "{text}");
        }
    }
}

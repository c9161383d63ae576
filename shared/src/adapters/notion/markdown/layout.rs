//! The parts of content in Notion's dialect in which a text is not written as in a paragraph: code, tables and tags.

use std::ops::Range;

use super::inline_writer::longest_run;
use super::scan::{code_length, ends_fence, fence, tag_length};

/// The parts of a content, each kind in order. Lines of formulas have none.
#[derive(Debug, Default)]
pub(in super::super) struct Layout {
    codes: Vec<Code>,
    tables: Vec<Range<usize>>,
    tags: Vec<Range<usize>>,
}

/// Code in a block or in a line.
#[derive(Debug)]
pub(in super::super) struct Code {
    /// The range with both fences.
    whole: Range<usize>,
    /// The range between the fences.
    pub(in super::super) text: Range<usize>,
    ticks: usize,
    is_block: bool,
}

/// The start of a block of code or of a formula.
struct Fence<'a> {
    start: usize,
    text: usize,
    marker: &'a str,
}

impl Layout {
    /// Reads the parts of a content.
    pub(in super::super) fn read(content: &str) -> Self {
        let (mut layout, mut open, mut next) = (Self::default(), None::<Fence<'_>>, 0);
        for line in content.split_inclusive('\n') {
            let start = next;
            next += line.len();
            let bare = line.trim();
            match &open {
                Some(fence) if ends_fence(fence.marker, bare) => {
                    layout.push_block(fence, start, start + line.trim_end().len());
                    open = None;
                }
                Some(_) => {}
                None => match fence(bare) {
                    Some(marker) => {
                        let indent = line.find(marker).unwrap_or_default();
                        open = Some(Fence { start: start + indent, text: next, marker });
                    }
                    None => layout.push_line(line, start),
                },
            }
        }
        if let Some(fence) = open {
            layout.push_block(&fence, content.len(), content.len());
        }
        layout
    }

    /// Returns the code that a range has a part of, unless it has all of it.
    pub(in super::super) fn code_at(&self, range: &Range<usize>) -> Option<&Code> {
        meets(&self.codes, |code| &code.whole, range).find(|code| !covers(range, &code.whole))
    }

    /// True if a range is in a table, or has a part of one.
    pub(in super::super) fn is_in_table(&self, range: &Range<usize>) -> bool {
        meets(&self.tables, |table| table, range).any(|table| !covers(range, table))
    }

    /// True if a range is in a tag, or has a part of one.
    pub(in super::super) fn is_in_tag(&self, range: &Range<usize>) -> bool {
        meets(&self.tags, |tag| tag, range).any(|tag| !covers(range, tag))
    }

    /// Returns a content without the text of its code.
    pub(super) fn without_code(&self, content: &str) -> String {
        let (mut text, mut end) = (String::new(), 0);
        for code in &self.codes {
            text.push_str(&content[end..code.text.start]);
            end = code.text.end;
        }
        text + &content[end..]
    }

    fn push_block(&mut self, fence: &Fence<'_>, text_end: usize, end: usize) {
        if fence.marker.starts_with('`') {
            let text = fence.text.min(text_end)..text_end;
            self.codes.push(Code { whole: fence.start..end, text, ticks: fence.marker.len(), is_block: true });
        }
    }

    /// Appends the parts of a line: the row of a table, code, and tags.
    fn push_line(&mut self, line: &str, offset: usize) {
        if line.trim_start().starts_with('|') {
            let end = offset + line.trim_end().len();
            match self.tables.last_mut() {
                Some(table) if table.end + 1 == offset => table.end = end,
                _ => self.tables.push(offset..end),
            }
        }
        let mut at = 0;
        while let Some(index) = line[at..].find(['\\', '`', '<']) {
            at += index;
            let rest = &line[at..];
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            at += match (ticks, tag_length(rest)) {
                (1.., _) => match code_length(&rest[ticks..], ticks) {
                    Some(length) => {
                        let (start, text) = (offset + at, offset + at + ticks);
                        let whole = start..text + length + ticks;
                        self.codes.push(Code { whole, text: text..text + length, ticks, is_block: false });
                        length + 2 * ticks
                    }
                    None => ticks,
                },
                (0, Some(length)) => {
                    self.tags.push(offset + at..offset + at + length);
                    length
                }
                (0, None) if rest.starts_with('\\') => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
                (0, None) => 1,
            };
        }
    }
}

impl Code {
    /// True if a text in place of the code's is code up to its end, and no more.
    pub(in super::super) fn holds(&self, text: &str) -> bool {
        match self.is_block {
            // Not every reader lets code go on behind a fence with a word.
            true => !text.lines().any(|line| line.trim_start().starts_with(&"`".repeat(self.ticks))),
            false => !text.contains('\n') && self.fits(text),
        }
    }

    /// True if a part of the code's text has no run of ticks as long as the fence.
    pub(in super::super) fn fits(&self, part: &str) -> bool {
        longest_run(part, '`') < self.ticks
    }
}

/// Returns the parts that have a byte of a range.
fn meets<'a, P>(
    parts: &'a [P],
    range_of: fn(&P) -> &Range<usize>,
    range: &Range<usize>,
) -> impl Iterator<Item = &'a P> + use<'a, P> {
    let (first, end) = (parts.partition_point(|part| range_of(part).end <= range.start), range.end);
    parts[first..].iter().take_while(move |part| range_of(part).start < end)
}

fn covers(range: &Range<usize>, part: &Range<usize>) -> bool {
    range.start <= part.start && part.end <= range.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_tables_and_tags_are_found() {
        let content =
            "a `b` \\`c\n```` ```a``b``` ````\n| d |\n| e |\n\n<p a=\">\">\n$$\n```\n$$\n- ```\n<f>\n```\n````\n<g>";
        let layout = Layout::read(content);
        let texts: Vec<_> = layout.codes.iter().map(|code| &content[code.text.clone()]).collect();
        assert_eq!(texts, ["b", " ```a``b``` ", "<f>\n", "<g>"]);
        assert_eq!(layout.tables.iter().map(|table| &content[table.clone()]).collect::<Vec<_>>(), ["| d |\n| e |"]);
        assert_eq!(layout.tags.iter().map(|tag| &content[tag.clone()]).collect::<Vec<_>>(), ["<p a=\">\">"]);
    }
}

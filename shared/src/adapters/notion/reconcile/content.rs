//! Reconciliation of content added at the end of a page, by the blocks behind the one that was the last before.

use super::super::bare_text::bare_text;
use super::super::block::{self, Block, BlockHead, ToEnd};
use super::super::markdown;
use super::{bot_id, is_candidate};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Maximum number of blocks whose nested blocks are read.
const MAX_NESTED_READS: usize = 50;

/// The end of a page before content is added: its last block, and the cursor of the part of the list with it.
#[derive(Debug, PartialEq)]
pub(in super::super) struct Position<'a> {
    last: Option<&'a str>,
    cursor: Option<&'a str>,
}

/// The fate of content that was added at the end of a page.
#[derive(Debug, PartialEq)]
pub(in super::super) enum Added {
    /// The blocks are there.
    Yes,
    /// There is no new block of the bot.
    No,
    /// Other new blocks are there, or the last block before is gone.
    Unclear,
}

impl<'a> Position<'a> {
    /// Parses a checkpoint: `<block>/<cursor>`, each of which may be empty.
    pub(in super::super) fn parse(checkpoint: &'a str) -> Option<Self> {
        let (last, cursor) = checkpoint.split_once('/')?;
        let some = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Some(Self { last: some(last), cursor: some(cursor) })
    }

    /// Reads the end of a page, and returns it as a checkpoint.
    ///
    /// # Errors
    /// A failure of a call, or [`Kind::Invalid`] for a page too long to be read to its end.
    pub(in super::super) async fn read(api: &Api<'_>, page: &str) -> Result<String> {
        let Some(ToEnd { blocks, last_cursor }) = block::read_to_end(api, page, None).await? else {
            return Err(api.error(Kind::Invalid, block::TOO_LONG));
        };
        // A child page may be in the trash soon, and content is never one.
        let last = blocks.iter().rev().find(|block| !block.head.is_child_object());
        let last = last.map_or("", |block| &block.head.id);
        Ok(format!("{last}/{}", last_cursor.filter(|_| !last.is_empty()).unwrap_or_default()))
    }
}

/// Looks for the blocks of content in Notion's dialect behind a position.
///
/// # Errors
/// A failure of a call.
pub(in super::super) async fn reconcile_content(
    api: &Api<'_>,
    page: &str,
    position: &Position<'_>,
    content: &str,
) -> Result<Added> {
    let Some(bot) = bot_id(api).await? else { return Ok(Added::Unclear) };
    let Some(blocks) = blocks_behind(api, page, position).await? else { return Ok(Added::Unclear) };
    let is_new = |BlockHead { id, created_time, .. }: &BlockHead| is_candidate(api, id, created_time.as_deref());
    let is_new_content = |block: &Block| !block.head.is_child_object() && is_new(&block.head);
    let new: Vec<Block> = blocks.into_iter().filter(is_new_content).collect();
    if new.is_empty() {
        return Ok(Added::No);
    }
    let own: Vec<Block> = new.into_iter().filter(|block| block.head.author() == Some(&bot)).collect();
    let is_dated = own.iter().all(|block| block.head.created_time.is_some());
    match nested_text(api, own).await? {
        Some(text) if is_dated && !text.is_empty() && bare_text(&text) == bare_text(&markdown::plain_text(content)) => {
            Ok(Added::Yes)
        }
        _ => Ok(Added::Unclear),
    }
}

/// Returns the blocks behind a position; `None` if its block is gone or there are too many.
async fn blocks_behind(api: &Api<'_>, page: &str, position: &Position<'_>) -> Result<Option<Vec<Block>>> {
    let read = match block::read_to_end(api, page, position.cursor).await {
        // The cursor is no longer valid.
        Err(Error::Provider(error)) if error.kind == Kind::Invalid && position.cursor.is_some() => {
            block::read_to_end(api, page, None).await?
        }
        read => read?,
    };
    let Some(ToEnd { mut blocks, .. }) = read else { return Ok(None) };
    let start = match position.last {
        Some(last) => blocks.iter().position(|block| block.head.id == last).map(|index| index + 1),
        None => Some(0),
    };
    Ok(start.map(|start| blocks.split_off(start)))
}

/// Returns the text of blocks and of the blocks under them, in order, each on a line; `None` if there are too many.
async fn nested_text(api: &Api<'_>, mut blocks: Vec<Block>) -> Result<Option<String>> {
    let (mut text, mut reads) = (String::new(), 0);
    blocks.reverse();
    while let Some(block) = blocks.pop() {
        text.push_str(&block.plain_text());
        text.push('\n');
        if !block.head.has_children {
            continue;
        }
        reads += 1;
        match block::read_to_end(api, &block.head.id, None).await? {
            Some(nested) if reads <= MAX_NESTED_READS => blocks.extend(nested.blocks.into_iter().rev()),
            _ => return Ok(None),
        }
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_is_parsed_from_its_checkpoint() {
        assert_eq!(Position::parse("b1/c1"), Some(Position { last: Some("b1"), cursor: Some("c1") }));
        assert_eq!(Position::parse("/"), Some(Position { last: None, cursor: None }));
        assert_eq!(Position::parse("b1"), None);
    }
}

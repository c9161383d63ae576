//! Reconciliation of content added to a page, by the blocks between those that were neighbours before.

use super::super::bare_text::bare_text;
use super::super::block::{self, Block, BlockHead, ToEnd};
use super::super::markdown;
use super::{bot_id, is_candidate};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Maximum number of blocks whose nested blocks are read.
const MAX_NESTED_READS: usize = 50;

/// The place of content that is added to a page: its last block, and the cursor of the part of the list with it. For a place that is not
/// the end, also the block behind it, and the block that it is in if that is not the page.
#[derive(Debug, Default, PartialEq)]
pub(in super::super) struct Position<'a> {
    last: Option<&'a str>,
    cursor: Option<&'a str>,
    next: Option<&'a str>,
    pub(in super::super) parent: Option<&'a str>,
}

/// The fate of content that was added to a page.
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
    /// Parses a checkpoint: `<block>/<cursor>`, and for a place within a page `<block>/<cursor>/<next>/<parent>`; each may be empty.
    pub(in super::super) fn parse(checkpoint: &'a str) -> Option<Self> {
        let mut parts = checkpoint.split('/').map(|text| Some(text).filter(|text| !text.is_empty()));
        let (last, cursor) = (parts.next()?, parts.next()?);
        Some(Self { last, cursor, next: parts.next().flatten(), parent: parts.next().flatten() })
    }

    /// Reads the neighbours of the place behind a block, or at the start of the parent, and returns them as a checkpoint.
    ///
    /// # Errors
    /// A failure of a call, or [`Kind::Invalid`] for a parent too long to be read, or without the block.
    pub(in super::super) async fn read_within(api: &Api<'_>, parent: &str, after: Option<&str>) -> Result<String> {
        let Some(ToEnd { blocks, .. }) = block::read_to_end(api, parent, None).await? else {
            return Err(api.error(Kind::Invalid, block::TOO_LONG));
        };
        let next = match after {
            Some(after) => blocks.iter().position(|block| block.head.id == after).map(|at| at + 1),
            None => Some(0),
        };
        let next = next.ok_or_else(|| {
            api.error(Kind::Invalid, "the block of `after` is not listed there yet: try again in a minute")
        })?;
        let next = blocks.get(next).map_or("", |block| &block.head.id);
        Ok(format!("{}//{next}/{parent}", after.unwrap_or_default()))
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
    let Some(mut behind) = start.map(|start| blocks.split_off(start)) else { return Ok(None) };
    let Some(next) = position.next else { return Ok(Some(behind)) };
    Ok(behind.iter().position(|block| block.head.id == next).map(|end| {
        behind.truncate(end);
        behind
    }))
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
        let end = Position { last: Some("b1"), cursor: Some("c1"), ..Position::default() };
        assert_eq!(Position::parse("b1/c1"), Some(end));
        assert_eq!(Position::parse("/"), Some(Position::default()));
        let within = Position { last: Some("b1"), next: Some("b2"), parent: Some("p"), ..Position::default() };
        assert_eq!(Position::parse("b1//b2/p"), Some(within));
        assert_eq!(Position::parse("b1"), None);
    }
}

//! Blocks, the parts of a page's content. Child pages and databases are blocks too.

use serde::Deserialize;
use serde_json::Value;

use super::list::{self, MAX_LIMIT, Results};
use super::rich_text;
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// The type of the block of a page.
pub(super) const CHILD_PAGE: &str = "child_page";
/// The type of the block of a database.
pub(super) const CHILD_DATABASE: &str = "child_database";
/// The types of the blocks of a page and a database.
pub(super) const CHILD_KINDS: [&str; 2] = [CHILD_PAGE, CHILD_DATABASE];
/// Maximum number of blocks whose nested blocks are read to look for pages.
const MAX_NESTED_READS: usize = 50;
/// Maximum number of blocks of a list that are read at once.
const MAX_BLOCKS: u32 = 5_000;
/// The text of an error about a page with more blocks.
pub(super) const TOO_LONG: &str = "the page has more than 5,000 blocks, so its end cannot be read: use a page under it";

/// A block: <https://developers.notion.com/reference/block>
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Block {
    /// What blocks of every type have.
    pub(super) head: BlockHead,
    /// The content, which a response has under the name of the type.
    pub(super) content: Value,
}

/// What blocks of every type have.
#[derive(Debug, Deserialize)]
pub(super) struct BlockHead {
    /// Its id.
    pub(super) id: String,
    /// The type.
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    /// RFC 3339.
    pub(super) created_time: Option<String>,
    created_by: Option<User>,
    /// True if there are blocks under it.
    #[serde(default)]
    pub(super) has_children: bool,
}

/// A user by id.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    /// The id.
    pub(super) id: String,
}

impl TryFrom<Value> for Block {
    type Error = serde_json::Error;

    fn try_from(mut block: Value) -> Result<Self, Self::Error> {
        let head = BlockHead::deserialize(&block)?;
        let content = block.get_mut(&head.kind).map(Value::take).unwrap_or_default();
        Ok(Self { head, content })
    }
}

impl BlockHead {
    /// True if it is a page or a database, and not content of this page.
    pub(super) fn is_child_object(&self) -> bool {
        CHILD_KINDS.contains(&self.kind.as_str())
    }

    /// The id of its author, if Notion returns it.
    pub(super) fn author(&self) -> Option<&str> {
        self.created_by.as_ref().map(|user| user.id.as_str())
    }
}

impl Block {
    /// The title of a page or a database, [`CHILD_PAGE`] or [`CHILD_DATABASE`], if it is one of this type.
    pub(super) fn child_title(&self, kind: &str) -> Option<&str> {
        self.content["title"].as_str().filter(|_| self.head.kind == kind)
    }

    /// Its plain text, without that of the blocks under it.
    pub(super) fn plain_text(&self) -> String {
        let content = &self.content;
        let cells = content["cells"].as_array().into_iter().flatten().map(rich_text::to_plain);
        let expression = content["expression"].as_str().unwrap_or_default().to_owned();
        let own = [rich_text::to_plain(&content["rich_text"]), rich_text::to_plain(&content["caption"]), expression];
        own.into_iter().chain(cells).collect::<Vec<_>>().join(" ")
    }
}

/// The blocks under a page or block, read to the end.
#[derive(Debug)]
pub(super) struct ToEnd {
    /// The blocks, in order.
    pub(super) blocks: Vec<Block>,
    /// The cursor of the last page of the list; `None` if it is the first one.
    pub(super) last_cursor: Option<String>,
}

/// Returns the ids of the content under a page or block, at most those of 5,000 blocks. Child pages and databases are no content.
///
/// # Errors
/// A failure of a call.
pub(super) async fn content_ids(api: &Api<'_>, parent: &str) -> Result<Vec<String>> {
    let (mut ids, mut cursor) = (vec![], None);
    let (mut unread, mut limit) = (MAX_BLOCKS, MAX_LIMIT);
    while unread > 0 {
        // https://developers.notion.com/reference/get-block-children
        let call = api.get(&["v1", "blocks", parent, "children"]);
        let (list, size): (Results<BlockHead>, u32) = list::read_get(api, call, limit, cursor.as_deref()).await?;
        (unread, limit) = (if list.cursor().is_some() { unread.saturating_sub(size) } else { 0 }, size);
        cursor = list.cursor().map(str::to_owned);
        ids.extend(list.results.into_iter().filter(|block| !block.is_child_object()).map(|block| block.id));
    }
    Ok(ids)
}

/// The result of reading the blocks under a block.
#[derive(Debug, PartialEq)]
pub(super) enum Nested {
    /// Only content.
    Content,
    /// A page or a database of this title.
    Object(String),
    /// More blocks than are read.
    Unread,
}

/// Reads the blocks under a block and under those, up to the first page or database.
///
/// # Errors
/// A failure of a call.
pub(super) async fn read_nested(api: &Api<'_>, parent: &str) -> Result<Nested> {
    let mut unread = vec![parent.to_owned()];
    for _ in 0..MAX_NESTED_READS {
        let Some(id) = unread.pop() else { break };
        let Some(ToEnd { blocks, .. }) = read_to_end(api, &id, None).await? else { return Ok(Nested::Unread) };
        if let Some(object) = blocks.iter().find(|block| block.head.is_child_object()) {
            return Ok(Nested::Object(object.content["title"].as_str().unwrap_or_default().to_owned()));
        }
        unread.extend(blocks.into_iter().filter(|block| block.head.has_children).map(|block| block.head.id));
    }
    Ok(if unread.is_empty() { Nested::Content } else { Nested::Unread })
}

/// Returns true if an id is that of a block that is no page or database. An id that the connection cannot read as a block counts as a
/// page's: the provider then says what it is not.
///
/// # Errors
/// A failure of the look-up, which changed nothing.
pub(super) async fn is_content(api: &Api<'_>, id: &str) -> Result<bool> {
    const CONTENT: &str = "content";
    let key = format!("kind of block {id}");
    if let Some(kind) = api.get_lookup(&key) {
        return Ok(kind == CONTENT);
    }
    // https://developers.notion.com/reference/retrieve-a-block
    let is_content = match api.get(&["v1", "blocks", id]).lookup().send::<Value>().await {
        Ok(block) => block["type"].as_str().is_some_and(|kind| !CHILD_KINDS.contains(&kind)),
        Err(error) if error.is_access_refused() || matches!(error.kind(), Some(Kind::NotFound | Kind::Invalid)) => {
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    api.insert_lookup(&key, if is_content { CONTENT } else { CHILD_PAGE });
    Ok(is_content)
}

/// Reads the blocks under a page or block from a cursor to the end. Returns `None` if there are too many.
///
/// # Errors
/// A failure of a call.
pub(super) async fn read_to_end(api: &Api<'_>, parent: &str, start: Option<&str>) -> Result<Option<ToEnd>> {
    let (mut blocks, mut cursor) = (vec![], start.map(str::to_owned));
    let (mut unread, mut limit) = (MAX_BLOCKS, MAX_LIMIT);
    while unread > 0 {
        // https://developers.notion.com/reference/get-block-children
        let call = api.get(&["v1", "blocks", parent, "children"]);
        let (mut list, size): (Results<Block>, u32) = list::read_get(api, call, limit, cursor.as_deref()).await?;
        (unread, limit) = (unread.saturating_sub(size), size);
        blocks.append(&mut list.results);
        match list.cursor() {
            Some(next) => cursor = Some(next.to_owned()),
            None if list.is_last() => return Ok(Some(ToEnd { blocks, last_cursor: cursor })),
            None => return Ok(None),
        }
    }
    Ok(None)
}

//! A page or a block on it, given as an id or a link.

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::block;
use super::id::Id;
use crate::adapters::api::Api;
use crate::adapters::target::{Target, TargetKind};
use crate::error::Result;

/// A page or a block on it. Of a link that names a block, the block is meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "Id")]
pub(super) struct Place {
    id: Id,
    kind: Kind,
    thread: Option<Id>,
}

/// The kind of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A page: a link without a block.
    Page,
    /// A block: a link with one.
    Block,
    /// An id of either.
    Unknown,
}

impl Place {
    /// The id of the page or of the block.
    pub(super) fn as_str(&self) -> &str {
        self.id.as_str()
    }

    /// The thread of comments that a link names: <https://developers.notion.com/guides/data-apis/working-with-comments>
    pub(super) fn thread(&self) -> Option<&Id> {
        self.thread.as_ref()
    }

    /// Returns true for a block, and false for a page. The kind of a bare id is read once.
    ///
    /// # Errors
    /// A failure of the look-up, which changed nothing.
    pub(super) async fn is_block(&self, api: &Api<'_>) -> Result<bool> {
        match self.kind {
            Kind::Page => Ok(false),
            Kind::Block => Ok(true),
            Kind::Unknown => block::is_content(api, self.as_str()).await,
        }
    }

    /// Returns the place as a target.
    pub(super) fn to_target(&self) -> Target {
        let kind = if self.kind == Kind::Block { TargetKind::Block } else { TargetKind::Page };
        Target::new(kind, self.as_str())
    }

    /// Returns the place as a target, where it is surely a block.
    pub(super) fn to_block(&self) -> Target {
        Target::new(TargetKind::Block, self.as_str())
    }
}

impl TryFrom<String> for Place {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let id = Id::try_from(text.clone())?;
        let Ok(link) = Url::parse(text.trim()) else { return Ok(Self { id, kind: Kind::Unknown, thread: None }) };
        let thread = link.query_pairs().find(|(name, _)| name == "d").and_then(|(_, id)| Id::parse_bare(&id));
        Ok(match link.fragment().and_then(Id::parse_bare) {
            Some(block) => Self { id: block, kind: Kind::Block, thread },
            None => Self { id, kind: Kind::Page, thread },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "1429989fe8ac4effbc8f57f56486db54";
    const BLOCK: &str = "b3e87b2b5e114cbd99f96288c22bacce";

    fn place(text: &str) -> (String, Kind, Option<String>) {
        let place = Place::try_from(text.to_owned()).unwrap();
        (place.as_str().replace('-', ""), place.kind, place.thread.map(|id| id.as_str().replace('-', "")))
    }

    #[test]
    fn block_and_thread_of_a_link_are_meant() {
        let site = "https://www.notion.so/team/Plan-";
        for (text, id, kind, thread) in [
            (PAGE.to_owned(), PAGE, Kind::Unknown, None),
            (format!("{site}{PAGE}"), PAGE, Kind::Page, None),
            (format!("{site}{PAGE}?pvs=4#{BLOCK}"), BLOCK, Kind::Block, None),
            (format!(" {site}{PAGE}#{BLOCK} "), BLOCK, Kind::Block, None),
            (format!("{site}{BLOCK}?v=0&p={PAGE}#{BLOCK}"), BLOCK, Kind::Block, None),
            (format!("{site}{BLOCK}?p={PAGE}&pm=s"), PAGE, Kind::Page, None),
            (format!("{site}{PAGE}?d={BLOCK}#{PAGE}"), PAGE, Kind::Block, Some(BLOCK.to_owned())),
            (format!("{site}{PAGE}#top"), PAGE, Kind::Page, None),
        ] {
            assert_eq!(place(&text), (id.to_owned(), kind, thread), "{text}");
        }
        assert!(Place::try_from(format!("https://example.com/{PAGE}#{BLOCK}")).is_err());
    }
}

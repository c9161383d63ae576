//! Ids of pages, databases, blocks and users, given as an id or a link.

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::adapters::target::{Target, TargetKind};

/// Length of the longest link: <https://developers.notion.com/reference/request-limits>
const MAX_LINK_BYTES: usize = 2000;

/// A Notion id with dashes, parsed from an id with or without dashes, or from a link.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(
    inline,
    with = "String",
    extend("minLength" = 32, "maxLength" = MAX_LINK_BYTES, "x-form" = "a Notion id or a link to it")
)]
pub(super) struct Id(String);

impl Id {
    /// The id, with dashes.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the page of this id as a target.
    pub(super) fn to_page(&self) -> Target {
        Target::new(TargetKind::Page, &self.0)
    }

    /// Parses an id or a link.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = Some(text.trim()).filter(|text| text.len() <= MAX_LINK_BYTES)?;
        match Url::parse(text) {
            Ok(link) => from_link(&link),
            Err(_) => Self::parse_bare(text),
        }
    }

    /// Parses an id that is no link.
    pub(super) fn parse_bare(text: &str) -> Option<Self> {
        has_uuid_shape(text).then(|| trailing_uuid(text)).flatten().map(Self)
    }
}

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("must be a Notion id or link, for example 1429989f-e8ac-4eff-bc8f-57f56486db54")
    }
}

/// Returns the id in a link. The query parameter `p` is a page opened beside a database; otherwise the id ends the path, after
/// the title. `v` is a view.
fn from_link(link: &Url) -> Option<Id> {
    let host = link.host_str()?;
    let domains = ["notion.so", "notion.site", "notion.com"];
    if !domains.iter().any(|domain| host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))) {
        return None;
    }
    if let Some((_, page)) = link.query_pairs().find(|(name, _)| name == "p") {
        return trailing_uuid(&page).map(Id);
    }
    trailing_uuid(link.path_segments()?.rfind(|segment| !segment.is_empty())?).map(Id)
}

/// True if the text has all four dashes, or none.
fn has_uuid_shape(text: &str) -> bool {
    text.len() == 32 || (text.len() == 36 && [8, 13, 18, 23].iter().all(|&at| text.as_bytes()[at] == b'-'))
}

/// Returns the last 32 hexadecimal digits of the text, ignoring dashes, as a UUID.
fn trailing_uuid(text: &str) -> Option<String> {
    let digits = text.replace('-', "");
    let id = digits.get(digits.len().checked_sub(32)?..)?.to_ascii_lowercase();
    let hexadecimal = id.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then(|| [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Option<String> {
        Id::parse(text).map(|id| id.0)
    }

    #[test]
    fn parses_ids_and_links() {
        let id = "1429989f-e8ac-4eff-bc8f-57f56486db54";
        for text in [
            id,
            "1429989fe8ac4effbc8f57f56486db54",
            "1429989FE8AC4EFFBC8F57F56486DB54",
            "https://www.notion.so/1429989fe8ac4effbc8f57f56486db54",
            "https://www.notion.so/team/Meeting-Notes-1429989fe8ac4effbc8f57f56486db54?pvs=4#abc",
            "https://www.notion.so/team/Caf%C3%A9-1429989fe8ac4effbc8f57f56486db54/",
            "https://www.notion.so/team/1429989fe8ac4effbc8f57f56486db54?v=ffffffffffffffffffffffffffffffff",
            "https://team.notion.site/Deadbeef-1429989f-e8ac-4eff-bc8f-57f56486db54",
            "https://app.notion.com/ffffffffffffffffffffffffffffffff?v=0&p=1429989fe8ac4effbc8f57f56486db54&pm=s",
        ] {
            assert_eq!(parsed(text).as_deref(), Some(id), "{text}");
        }
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "database_id_or_page_id",
            "1429989fe8ac4effbc8f57f56486db5",
            "1429989fe8ac4effbc8f57f56486db5g",
            "1429989f-e8ac-4eff-bc8f57f5-6486db54",
            "x-1429989fe8ac4effbc8f57f56486db54",
            "https://example.com/1429989fe8ac4effbc8f57f56486db54",
            "https://evilnotion.so/1429989fe8ac4effbc8f57f56486db54",
            "https://www.notion.so/team",
            "https://www.notion.so/",
            "ééééééééééééééééé",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_a_uuid_or_none(
            text in prop_oneof!["(?s).{0,80}", "[0-9a-fA-F-]{30,40}", "[a-z]{0,6}:?/{0,3}[a-z@.]{0,10}notion.(so|site|com)[@:/.]?.{0,50}"],
            id in "[0-9a-f]{32}",
            title in "[a-zA-Z0-9-]{0,20}",
        ) {
            let plain = |id: &str| id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
            prop_assert!(parsed(&text).is_none_or(|id| plain(&id)), "{text:?}");
            let link = parsed(&format!("https://www.notion.so/{title}-{id}?pvs=4"));
            prop_assert_eq!(link.map(|id| id.replace('-', "")), Some(id));
        }
    }
}

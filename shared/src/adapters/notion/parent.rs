//! What a page is created under: an id or a link that may mean a page, a database or one of its data sources.
//!
//! Since API version 2025-09-03 a database is a container of data sources, and rows belong to a data source:
//! <https://developers.notion.com/docs/upgrade-guide-2025-09-03>

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// A page or a database, by id or link.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct ParentRef(String);

/// What the id turned out to be.
#[derive(Debug)]
pub(super) enum Parent {
    /// A page, under which a page has nothing but a title.
    Page {
        /// Its id.
        id: String,
    },
    /// A data source, whose schema names the properties of its rows.
    DataSource {
        /// Its id.
        id: String,
        /// The name of the property that is the title.
        title: String,
    },
}

#[derive(Deserialize)]
struct Database {
    data_sources: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct DataSource {
    id: String,
    properties: Map<String, Value>,
}

#[derive(Deserialize)]
struct Page {
    id: String,
}

impl ParentRef {
    /// Checks that the text holds an id.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `parent`.
    pub(super) fn check(&self) -> Result<()> {
        self.id().map(|_| ())
    }

    /// Finds out what the id means: Notion has no call that says so, so each kind is asked for in turn.
    ///
    /// # Errors
    /// Not found, a database with several data sources, or a failure of a look-up, which changed nothing.
    pub(super) async fn resolve(&self, api: &Api<'_>) -> Result<Parent> {
        let id = self.id()?;
        // https://developers.notion.com/reference/retrieve-database
        if let Some(database) = known(api.get(&["v1", "databases", &id]).send::<Database>().await)? {
            let source = only(api, database)?;
            return data_source(api, api.get(&["v1", "data_sources", &source]).send().await?);
        }
        // https://developers.notion.com/reference/retrieve-a-data-source
        if let Some(source) = known(api.get(&["v1", "data_sources", &id]).send::<DataSource>().await)? {
            return data_source(api, source);
        }
        // https://developers.notion.com/reference/retrieve-a-page
        match known(api.get(&["v1", "pages", &id]).send::<Page>().await)? {
            Some(page) => Ok(Parent::Page { id: page.id }),
            None => Err(api.error(Kind::NotFound, format!("{id} is missing, or not shared with the connection"))),
        }
    }

    fn id(&self) -> Result<String> {
        let reason = "must be the id of a page or a database, or a link to it";
        parse(self.0.trim()).ok_or_else(|| Error::invalid("parent", reason))
    }
}

/// Nothing, when the id is not of the kind asked for: Notion says 404, and 400 where it knows the id as another kind.
fn known<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Error::Provider(error)) if matches!(error.kind, Kind::NotFound | Kind::Invalid) => Ok(None),
        Err(error) => Err(error),
    }
}

fn only(api: &Api<'_>, database: Database) -> Result<String> {
    match <[Listed; 1]>::try_from(database.data_sources) {
        Ok([source]) => Ok(source.id),
        Err(sources) if sources.is_empty() => Err(api.error(Kind::Invalid, "the database has no data source")),
        Err(sources) => {
            let names: Vec<_> = sources.iter().map(|source| format!("{} ({})", source.name, source.id)).collect();
            let list = names.join(", ");
            Err(api.error(Kind::Invalid, format!("the database has several data sources, name one as parent: {list}")))
        }
    }
}

fn data_source(api: &Api<'_>, source: DataSource) -> Result<Parent> {
    let title =
        source.properties.iter().find(|(_, property)| property["type"] == "title").map(|(name, _)| name.clone());
    match title {
        Some(title) => Ok(Parent::DataSource { id: source.id, title }),
        // Every data source has one; without it nothing was written yet.
        None => Err(api.error(Kind::Transient, "the data source shows no title property")),
    }
}

/// The id, dashed, in an id or a link.
fn parse(text: &str) -> Option<String> {
    match Url::parse(text) {
        Ok(link) => in_link(&link),
        Err(_) => is_dashed_well(text).then(|| dashed(text)).flatten(),
    }
}

/// A page opened beside a database is `p`; otherwise the id ends the path, after the title. `v` is a view.
fn in_link(link: &Url) -> Option<String> {
    let host = link.host_str()?;
    let ours = ["notion.so", "notion.site", "notion.com"];
    if !ours.iter().any(|domain| host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))) {
        return None;
    }
    if let Some((_, page)) = link.query_pairs().find(|(name, _)| name == "p") {
        return dashed(&page);
    }
    dashed(link.path_segments()?.rfind(|segment| !segment.is_empty())?)
}

/// An id has all four dashes, or none.
fn is_dashed_well(text: &str) -> bool {
    text.len() == 32 || (text.len() == 36 && [8, 13, 18, 23].iter().all(|&at| text.as_bytes()[at] == b'-'))
}

/// The 32 hexadecimal digits that end the text, dashes aside, as a UUID.
fn dashed(text: &str) -> Option<String> {
    let digits = text.replace('-', "");
    let id = digits.get(digits.len().checked_sub(32)?..)?.to_ascii_lowercase();
    let hexadecimal = id.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then(|| [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_and_links() {
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
            assert_eq!(parse(text).as_deref(), Some(id), "{text}");
        }
    }

    #[test]
    fn what_is_neither() {
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
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_uuid_or_refused(
            text in prop_oneof!["(?s).{0,80}", "[0-9a-fA-F-]{30,40}", "[a-z]{0,6}:?/{0,3}[a-z@.]{0,10}notion.(so|site|com)[@:/.]?.{0,50}"],
            id in "[0-9a-f]{32}",
            title in "[a-zA-Z0-9-]{0,20}",
        ) {
            let plain = |id: &str| id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
            prop_assert!(parse(&text).is_none_or(|id| plain(&id)), "{text:?}");
            let link = parse(&format!("https://www.notion.so/{title}-{id}?pvs=4"));
            prop_assert_eq!(link.map(|id| id.replace('-', "")), Some(id));
        }
    }
}

//! The parent of a new page: an id of a page, a database or one of its data sources.

use super::data_source::{self, DataSource};
use super::id::Id;
use super::page::Page;
use super::text;
use crate::adapters::prelude::*;

/// A resolved parent.
#[derive(Debug)]
pub(super) enum Parent {
    /// A page. A page under it has only a title.
    Page { id: String, title: Option<String> },
    /// A data source, whose schema names the properties of its rows.
    DataSource(DataSource),
}

/// The parent of an object as output.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct ParentData {
    /// The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The id. The workspace has none.
    id: Option<String>,
}

impl Parent {
    /// Resolves an id. Notion has no call for that, so each kind is read in turn. The kind is remembered for a while, as the schema of a
    /// data source is.
    ///
    /// # Errors
    /// Not found, a database with several data sources, or a failure of a look-up, which changed nothing.
    pub(super) async fn resolve(api: &Api<'_>, id: &Id) -> Result<Self> {
        if api.get_lookup(&page_key(id)).is_some() {
            return Ok(Self::Page { id: id.as_str().to_owned(), title: None });
        }
        if let Some(source) = data_source::resolve(api, id).await? {
            return Ok(Self::DataSource(source));
        }
        // https://developers.notion.com/reference/retrieve-a-page
        match data_source::none_if_other_kind(api.get(&["v1", "pages", id.as_str()]).exact().send::<Page>().await)? {
            Some(page) => {
                api.insert_lookup(&page_key(id), "");
                Ok(Self::Page { title: page.title(), id: page.id })
            }
            None => Err(data_source::not_found_error(api, id)),
        }
    }

    /// Resolves an id and does `work` with the parent. If a remembered one may have misled the work, it is read again and the work is
    /// repeated: a refusal had no effect.
    ///
    /// # Errors
    /// As [`Parent::resolve`], and those of the work.
    pub(super) async fn with_resolved<T, F: Future<Output = Result<T>>>(
        api: &Api<'_>,
        id: &Id,
        work: impl Fn(Self) -> F,
    ) -> Result<T> {
        let parent = Self::resolve(api, id).await?;
        let is_remembered = match &parent {
            Self::Page { title, .. } => title.is_none(),
            Self::DataSource(source) => source.is_remembered,
        };
        match work(parent).await {
            Err(error) if data_source::is_misled(&error) => {
                api.remove_lookup(&page_key(id));
                data_source::forget(api, id);
                if is_remembered { work(Self::resolve(api, id).await?).await } else { Err(error) }
            }
            done => done,
        }
    }

    /// Says that the parent was not found, in the place of the error of a call that needed it.
    pub(super) fn not_found(api: &Api<'_>, id: &Id, error: Error) -> Error {
        if error.kind() == Some(Kind::NotFound) { data_source::not_found_error(api, id) } else { error }
    }

    /// The name of the property that is the title of a new page there.
    pub(super) fn title_property(&self) -> &str {
        match self {
            Self::Page { .. } => "title",
            Self::DataSource(source) => source.title_property(),
        }
    }

    /// Converts to Notion's request form.
    pub(super) fn to_request(&self) -> Value {
        match self {
            Self::Page { id, .. } => json!({ "type": "page_id", "page_id": id }),
            Self::DataSource(source) => json!({ "type": "data_source_id", "data_source_id": source.id }),
        }
    }

    /// Returns the parent as a target.
    pub(super) fn to_target(&self) -> Target {
        match self {
            Self::Page { id, title } => Target::new(TargetKind::Page, id).named(title.clone()),
            Self::DataSource(source) => Target::new(TargetKind::Database, &source.id).named(source.name()),
        }
    }
}

/// The key by which it is remembered that an id is a page's.
fn page_key(id: &Id) -> String {
    format!("page {}", id.as_str())
}

impl ParentData {
    /// Reads a parent of a response: <https://developers.notion.com/reference/parent-object>
    pub(super) fn of(parent: &Value) -> Option<Self> {
        let kinds = [
            ("page_id", "page"),
            // A row names its database too; its parent is the data source.
            ("data_source_id", "dataSource"),
            ("database_id", "database"),
            ("block_id", "block"),
            ("agent_id", "agent"),
        ];
        let with_id = kinds.iter().find_map(|(key, kind)| Some(Self { kind, id: Some(text(&parent[*key])?) }));
        with_id.or_else(|| (parent["type"] == "workspace").then_some(Self { kind: "workspace", id: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_parents_to_plain_values() {
        for (parent, plain) in [
            (
                json!({ "type": "data_source_id", "data_source_id": "s", "database_id": "d" }),
                json!({ "type": "dataSource", "id": "s" }),
            ),
            (json!({ "type": "workspace", "workspace": true }), json!({ "type": "workspace" })),
            (Value::Null, Value::Null),
        ] {
            assert_eq!(json!(ParentData::of(&parent)), plain);
        }
    }
}

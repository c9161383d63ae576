//! People and pages that a request names by more than their ids: they are found before anything is written.

use serde_json::{Map, Value, json};

use super::id::Id;
use super::list::Results;
use super::page::Page;
use super::people::{self, Found};
use super::{filter, properties};
use crate::adapters::api::Api;
use crate::adapters::choices::list_choices;
use crate::error::{Error, Kind, Result};

/// The number of pages of one title that an error names.
const MAX_NAMED_PAGES: u32 = 10;

/// Converts plain values of properties to Notion's request form, with the ids of the people and pages that they name.
///
/// # Errors
/// [`Kind::Invalid`] with the name of a property, or a failure of a look-up.
pub(super) async fn properties_to_request(
    api: &Api<'_>,
    schema: &Map<String, Value>,
    values: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    let invalid = |reason: String| api.error(Kind::Invalid, reason);
    let mut request = properties::to_request(schema, values).map_err(invalid)?;
    for (name, value) in &mut request {
        for kind in ["people", "relation"] {
            let items = value.get_mut(kind).and_then(Value::as_array_mut);
            for item in items.into_iter().flatten() {
                let Some(named) = item["id"].as_str() else { continue };
                let found = find(api, kind, schema.get(name), named).await?;
                item["id"] = found.map_err(|reason| invalid(format!("properties.{name}: {reason}")))?.into();
            }
        }
    }
    Ok(request)
}

/// Converts a filter to Notion's request form, with the ids of the people and pages that it names; `None` for an empty one.
///
/// # Errors
/// As [`properties_to_request`].
pub(super) async fn filter_to_request(
    api: &Api<'_>,
    schema: &Map<String, Value>,
    filter: &Map<String, Value>,
) -> Result<Option<Value>> {
    let invalid = |reason: String| api.error(Kind::Invalid, reason);
    let Some(mut request) = filter::to_request(schema, filter).map_err(invalid)? else { return Ok(None) };
    let mut nodes = vec![&mut request];
    while let Some(node) = nodes.pop() {
        let Some(node) = node.as_object_mut() else { continue };
        if let Some(name) = node.get("property").and_then(Value::as_str).map(str::to_owned) {
            resolve_condition(api, schema, &name, node).await?;
            continue;
        }
        nodes.extend(node.values_mut().filter_map(Value::as_array_mut).flatten());
    }
    Ok(Some(request))
}

async fn resolve_condition(
    api: &Api<'_>,
    schema: &Map<String, Value>,
    name: &str,
    condition: &mut Map<String, Value>,
) -> Result<(), Error> {
    for kind in ["people", "created_by", "last_edited_by", "relation"] {
        for operator in ["contains", "does_not_contain"] {
            let operand = condition.get(kind).and_then(|test| test[operator].as_str()).map(str::to_owned);
            let Some(named) = operand else { continue };
            let found = find(api, kind, schema.get(name), &named).await?;
            let found = found.map_err(|reason| api.error(Kind::Invalid, format!("filter.{name}: {reason}")))?;
            condition.insert(kind.to_owned(), json!({ operator: found }));
        }
    }
    Ok(())
}

async fn find(api: &Api<'_>, kind: &str, property: Option<&Value>, named: &str) -> Result<Found> {
    match kind {
        "relation" => find_page(api, property, named).await,
        _ => people::find(api, named).await,
    }
}

/// Finds a page by its id, a link to it, or its title among the pages that a relation can have.
async fn find_page(api: &Api<'_>, property: Option<&Value>, named: &str) -> Result<Found> {
    if let Some(id) = Id::parse(named) {
        return Ok(Ok(id.as_str().to_owned()));
    }
    let source = property.and_then(|property| property["relation"]["data_source_id"].as_str());
    let Some(source) = source else {
        return Ok(Err(format!(
            "\"{named}\" is no id and no link of a page, for example 1429989f-e8ac-4eff-bc8f-57f56486db54"
        )));
    };
    // The id of a title is always `title`.
    let filter = json!({ "property": "title", "title": { "equals": named.trim() } });
    // https://developers.notion.com/reference/query-a-data-source
    let call = api.post(&["v1", "data_sources", source, "query"]).read_only().exact();
    let found = call.json(&json!({ "filter": filter, "page_size": MAX_NAMED_PAGES })).send::<Results<Page>>().await;
    let rows = match found {
        Err(error) if error.kind() == Some(Kind::NotFound) => {
            let reason = "the related database is not shared with the connection, so name its pages by their ids";
            return Ok(Err(format!("\"{named}\": {reason}")));
        }
        rows => rows?.results,
    };
    Ok(match rows.as_slice() {
        [page] => Ok(page.id.clone()),
        [] => Err(format!("no page of the related database has the title \"{named}\"")),
        pages => {
            let ids = list_choices(pages.iter().map(|page| page.id.as_str()));
            Err(format!("several pages have the title \"{named}\": name one by its id: {ids}"))
        }
    })
}

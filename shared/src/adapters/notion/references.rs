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

/// The number of pages of relations that a call names by titles at most: each is a query.
const MAX_TITLES: usize = 10;
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
    check_titles(&request).map_err(invalid)?;
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

/// Refuses more pages named by titles than are looked for.
fn check_titles(request: &Map<String, Value>) -> std::result::Result<(), String> {
    let pages = |value: &Value| value["relation"].as_array().cloned().unwrap_or_default();
    let all = request.iter().flat_map(|(name, value)| pages(value).into_iter().map(move |page| (name, page)));
    let mut titles = all.filter(|(_, page)| page["id"].as_str().is_some_and(|named| Id::parse(named).is_none()));
    match titles.nth(MAX_TITLES) {
        Some((name, _)) => {
            Err(format!("properties.{name}: must have at most {MAX_TITLES} pages by title; name the others by ids"))
        }
        None => Ok(()),
    }
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
    let key = format!("page of {source} with the title {}", named.trim());
    if let Some(id) = api.get_lookup(&key) {
        return Ok(Ok(id));
    }
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
        [page] => {
            api.insert_lookup(&key, &page.id);
            Ok(page.id.clone())
        }
        [] => Err(format!("no page of the related database has the title \"{named}\"")),
        pages => {
            let ids = list_choices(pages.iter().map(|page| page.id.as_str()));
            Err(format!("several pages have the title \"{named}\": name one by its id: {ids}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{ActionHarness, SentRequest};

    #[tokio::test]
    async fn pages_are_named_by_few_titles_and_each_is_queried_once() {
        let provider = |sent: &SentRequest| {
            let id = sent.body["filter"]["title"]["equals"].clone();
            Ok((200, json!({ "results": [{ "id": id }], "has_more": false, "next_cursor": null })))
        };
        let harness = ActionHarness::new(&ADAPTER, provider);
        let api = harness.api(ADAPTER.action("create_page").unwrap(), None);
        let relation = json!({ "id": "r", "type": "relation", "relation": { "data_source_id": "s" } });
        let schema = Map::from_iter([("A".to_owned(), relation.clone()), ("B".to_owned(), relation)]);
        let titles = |count: usize| (0..count).map(|number| format!("t{number}")).collect::<Vec<_>>();
        let id = "1429989f-e8ac-4eff-bc8f-57f56486db54";
        let values = |a: Value, b: Value| Map::from_iter([("A".to_owned(), a), ("B".to_owned(), b)]);
        let many = values(json!(titles(5)), json!(titles(6)));
        let error = properties_to_request(&api, &schema, &many).await.unwrap_err().to_string();
        assert!(error.contains("properties.B: must have at most 10 pages by title"), "{error}");
        assert!(harness.calls().is_empty());
        let few = values(json!(titles(5)), json!(vec![id; 30]));
        for _ in 0..2 {
            let request = properties_to_request(&api, &schema, &few).await.unwrap();
            assert_eq!(
                (&request["A"]["relation"][4]["id"], &request["B"]["relation"][29]["id"]),
                (&json!("t4"), &json!(id))
            );
            assert_eq!(harness.calls().len(), 5);
        }
    }
}

//! One property of a page, whole: a page has at most 25 references of each.
//! <https://developers.notion.com/reference/retrieve-a-page-property>

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::list::MAX_LIMIT;
use super::page::Page;
use super::plain_values;
use crate::adapters::api::Api;
use crate::adapters::paging;
use crate::error::Result;

/// Maximum number of properties of a page that are read whole, and of pages of each.
const MAX_PROPERTIES: usize = 10;
const MAX_PAGES: usize = 10;

/// A value, or a page of a list of values: <https://developers.notion.com/reference/property-item-object>
#[derive(Debug, Deserialize)]
struct Item {
    results: Option<Vec<Value>>,
    #[serde(default)]
    has_more: Value,
    #[serde(default)]
    next_cursor: Value,
    /// The property that the list is of: a rollup has its value here.
    #[serde(default)]
    property_item: Value,
    /// The value of a property that is no list.
    #[serde(flatten)]
    value: Map<String, Value>,
}

/// A page of the values of a property.
#[derive(Debug)]
pub(super) struct Part {
    /// The property with the values of this page, in the form that a page has it in.
    pub(super) property: Value,
    /// The cursor of the next page.
    pub(super) cursor: Option<String>,
}

/// Reads a page of the values of a property, which a page contains as `property`.
///
/// # Errors
/// A failure of the call.
pub(super) async fn read(
    api: &Api<'_>,
    page: &str,
    property: &Value,
    limit: u32,
    cursor: Option<&str>,
) -> Result<(Part, u32)> {
    let id = property["id"].as_str().unwrap_or_default();
    let call = api.get_encoded(&["v1", "pages", page, "properties"], id);
    let read = |limit| call.clone().query("page_size", limit).query_opt("start_cursor", cursor).send::<Item>();
    let (item, size) = paging::read_in_parts(api, limit, read).await?;
    Ok((item.into_part(property), size))
}

/// Reads the cut properties of a page whole. What is longer than can be read stays cut.
///
/// # Errors
/// A failure of a call.
pub(super) async fn complete(api: &Api<'_>, page: &mut Page) -> Result<Vec<String>> {
    let cut = page.properties.iter().filter(|(_, property)| plain_values::is_cut(property));
    let cut: Vec<(String, Value)> = cut.map(|(name, property)| (name.clone(), property.clone())).collect();
    let mut still_cut = vec![];
    for (index, (name, property)) in cut.into_iter().enumerate() {
        match if index < MAX_PROPERTIES { read_whole(api, &page.id, &property).await? } else { None } {
            Some(whole) => page.properties.insert(name, whole),
            None => {
                still_cut.push(name);
                None
            }
        };
    }
    Ok(still_cut)
}

/// Reads a property whole; `None` if it is too long, or Notion computes no value.
async fn read_whole(api: &Api<'_>, page: &str, property: &Value) -> Result<Option<Value>> {
    let kind = property["type"].as_str().unwrap_or_default();
    let (mut whole, mut items): (Option<Value>, Vec<Value>) = (None, vec![]);
    let (mut cursor, mut limit) = (None, MAX_LIMIT);
    for _ in 0..MAX_PAGES {
        let (part, size) = read(api, page, property, limit, cursor.as_deref()).await?;
        (cursor, limit) = (part.cursor, size);
        let mut read = part.property;
        items.extend(list_of(&mut read, kind).map(std::mem::take).unwrap_or_default());
        whole = Some(read);
        if cursor.is_none() {
            break;
        }
    }
    let Some(mut whole) = whole.filter(|_| cursor.is_none()) else { return Ok(None) };
    if let Some(list) = list_of(&mut whole, kind) {
        *list = items;
    }
    let is_unknown = matches!(whole[kind]["type"].as_str(), Some("incomplete" | "unsupported"));
    Ok(Some(whole).filter(|_| !is_unknown))
}

/// The list of values of a property.
fn list_of<'a>(property: &'a mut Value, kind: &str) -> Option<&'a mut Vec<Value>> {
    match kind {
        "rollup" => property.get_mut(kind)?.get_mut("array")?.as_array_mut(),
        _ => property.get_mut(kind)?.as_array_mut(),
    }
}

impl Item {
    fn into_part(self, property: &Value) -> Part {
        let kind = property["type"].as_str().unwrap_or_default();
        let mut whole = json!({ "id": property["id"], "type": kind });
        let is_last = self.has_more == false;
        let cursor = self.next_cursor.as_str().filter(|_| !is_last).map(str::to_owned);
        whole[kind] = match (self.results, kind) {
            (None, _) => self.value.get(kind).cloned().unwrap_or_default(),
            // A rollup that lists values is of their list; another one has its value beside them.
            (Some(items), "rollup") => match self.property_item["rollup"]["type"].as_str() {
                Some("array") | None => {
                    json!({ "type": "array", "array": items.into_iter().map(rollup_item).collect::<Vec<_>>() })
                }
                Some(_) => self.property_item["rollup"].clone(),
            },
            (Some(items), _) => items.into_iter().map(|mut item| item[kind].take()).collect(),
        };
        Part { property: whole, cursor }
    }
}

/// Converts an item of a rollup to the form that a page has it in: a list where the item has one object of it. "A title or text item
/// contains one rich text object": <https://developers.notion.com/reference/property-item-object>
fn rollup_item(mut item: Value) -> Value {
    let kind = ["title", "rich_text", "people", "relation"].into_iter().find(|kind| item["type"] == *kind);
    if let Some(part) = kind.and_then(|kind| item.get_mut(kind)).filter(|part| part.is_object()) {
        *part = json!([part.take()]);
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: &str, item: Value) -> Part {
        serde_json::from_value::<Item>(item).unwrap().into_part(&json!({ "id": "x", "type": kind }))
    }

    #[test]
    fn items_become_the_value_that_a_page_has() {
        let list = |items: Value, more: Value, of: Value| json!({ "object": "list", "results": items, "has_more": more.is_string(), "next_cursor": more, "property_item": of });
        let item =
            |kind: &str, value: Value| json!({ "object": "property_item", "id": "x", "type": kind, kind: value });
        let read = part("relation", list(json!([item("relation", json!({ "id": "p" }))]), json!("c"), json!({})));
        assert_eq!((&read.property["relation"], read.cursor.as_deref()), (&json!([{ "id": "p" }]), Some("c")));
        let read = part("number", item("number", json!(5)));
        assert_eq!((&read.property["number"], read.cursor), (&json!(5), None));
        let sum = json!({ "type": "rollup", "rollup": { "type": "number", "number": 7, "function": "sum" } });
        let read = part("rollup", list(json!([item("number", json!(3))]), Value::Null, sum));
        assert_eq!(plain_values::to_plain(&read.property), json!(7));
        let listed = json!({ "type": "rollup", "rollup": { "type": "array", "array": [] } });
        let user = json!({ "object": "user", "id": "1429989f-e8ac-4eff-bc8f-57f56486db54", "name": "Ann" });
        for (kind, value, plain) in [
            ("number", json!(3), json!(3)),
            ("title", json!({ "type": "text", "plain_text": "Ship" }), json!("Ship")),
            ("rich_text", json!({ "type": "text", "plain_text": "Words" }), json!("Words")),
            ("people", user.clone(), json!([{ "id": user["id"], "name": "Ann" }])),
            ("relation", json!({ "id": "p" }), json!(["p"])),
            ("multi_select", json!([{ "name": "A" }]), json!(["A"])),
        ] {
            let read = part("rollup", list(json!([item(kind, value)]), Value::Null, listed.clone()));
            assert_eq!(plain_values::to_plain(&read.property), json!([plain]), "{kind}");
        }
    }
}

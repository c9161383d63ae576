//! `get_page_property`: reads one property of a page, whole.

use super::id::Id;
use super::list::PageLimit;
use super::page::Page;
use super::properties::PropertyName;
use super::{NO_SCOPES, plain_values, properties, text, whole_property};
use crate::adapters::prelude::*;

/// Read one property of a Notion page whole, in pages: of related pages, people and mentions other actions return the first 25.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetPageProperty {
    /// The page: its id or a link to it.
    page_id: Id,
    /// The name of the property.
    property: PropertyName,
    /// Number of values to return, of a property with several.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

/// A property as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PropertyData {
    /// The name.
    property: String,
    /// The type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The value, or those of this page: a list, or a part of a text. Absent for an empty one.
    #[schemars(extend("anyOf" = [
        { "type": "string" }, { "type": "number" }, { "type": "boolean" }, { "type": "object" },
        { "type": "array", "items": { "anyOf": [{ "type": "string" }, { "type": "number" }, { "type": "object" }] } },
    ]))]
    value: Option<Value>,
    /// The cursor of the next page; absent on the last page.
    cursor: Option<String>,
}

impl Action for GetPageProperty {
    const META: Meta = Meta::read("get_page_property", NO_SCOPES)
        .smaller_request("ask for fewer values: a smaller `limit`")
        .example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031", "property": "Status"}"#);
    type Output = PropertyData;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<PropertyData>> {
        // https://developers.notion.com/reference/retrieve-a-page
        let page: Page = api.get(&["v1", "pages", self.page_id.as_str()]).exact().send().await?;
        let Some((name, property)) = properties::find(&page.properties, &self.property) else {
            let reason = format!("property '{}': {}", &*self.property, properties::unknown(&page.properties));
            return Err(api.error(Kind::Invalid, reason));
        };
        let (id, cursor) = (self.page_id.as_str(), self.cursor.as_deref());
        let (part, _) = whole_property::read(api, id, property, self.limit.get(), cursor).await?;
        let data = PropertyData {
            property: name.clone(),
            kind: text(&property["type"]),
            value: Some(plain_values::to_plain(&part.property)).filter(|value| !value.is_null()),
            cursor: part.cursor,
        };
        Ok(ActionOutput::new("The property was read.", data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn respond(sent: &SentRequest) -> (u16, Value) {
        if sent.line == format!("GET /v1/pages/{ID}") {
            let properties =
                json!({ "Related": { "id": "a%2Fb%5C", "type": "relation", "relation": [], "has_more": true } });
            return (200, json!({ "object": "page", "id": ID, "properties": properties }));
        }
        let item = json!({ "object": "property_item", "id": "x", "type": "relation", "relation": { "id": "p1" } });
        (
            200,
            json!({ "object": "list", "results": [item], "has_more": true, "next_cursor": "c2", "property_item": {} }),
        )
    }

    #[tokio::test]
    async fn an_id_of_any_characters_is_one_segment() {
        let context = json!({ "pageId": ID, "property": "Related", "limit": 1 });
        let (output, calls) = testing::run(&ADAPTER, "get_page_property", context, respond).await;
        let expected = json!({ "property": "Related", "type": "relation", "value": ["p1"], "cursor": "c2" });
        assert_eq!(output.unwrap().data, expected);
        assert_eq!(calls[1].line, format!("GET /v1/pages/{ID}/properties/a%2Fb%5C"));
        assert_eq!(calls[1].parameter("page_size"), "1");
    }

    #[tokio::test]
    async fn an_unknown_property_names_the_existing_ones() {
        let context = json!({ "pageId": ID, "property": "Colour" });
        let (output, calls) = testing::run(&ADAPTER, "get_page_property", context, respond).await;
        assert!(output.unwrap_err().to_string().contains("existing properties are Related"));
        assert_eq!(calls.len(), 1);
    }
}

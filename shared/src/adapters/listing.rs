//! The output of a list: its items under the plural of their noun, and the cursor of the next page.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

use super::output::ActionOutput;
use super::paging::count_message;

/// An item of lists.
pub(super) trait Listed: Serialize + JsonSchema {
    /// The name of one item. Its plural is the name of the list.
    const NOUN: &'static str;
}

/// A page of a list as an output, such as `{"tags": [..], "cursor": "p2"}`. The last page has no cursor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct List<T> {
    /// The items of the page.
    pub(super) items: Vec<T>,
    /// The cursor of the next page.
    pub(super) cursor: Option<String>,
}

impl<T: Listed> List<T> {
    /// Returns the output of an action that read this page.
    pub(super) fn of(items: impl IntoIterator<Item = T>, cursor: Option<String>) -> ActionOutput<Self> {
        let items: Vec<T> = items.into_iter().collect();
        ActionOutput::new(count_message(items.len(), T::NOUN), Self { items, cursor })
    }

    fn name() -> String {
        format!("{}s", T::NOUN)
    }
}

impl<T: Listed> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        fields.serialize_entry(&Self::name(), &self.items)?;
        if let Some(cursor) = &self.cursor {
            fields.serialize_entry("cursor", cursor)?;
        }
        fields.end()
    }
}

impl<T: Listed> JsonSchema for List<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("List_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = Self::name();
        json_schema!({
            "type": "object",
            "properties": {
                &name: { "type": "array", "items": generator.subschema_for::<T>() },
                "cursor": { "type": "string", "description": "The cursor of the next page; absent on the last page." },
            },
            "required": [name],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::schema;

    #[derive(Serialize, JsonSchema)]
    struct Day {
        number: u8,
    }

    impl Listed for Day {
        const NOUN: &'static str = "day";
    }

    #[test]
    fn a_page_has_its_items_under_their_plural_and_a_cursor_unless_it_is_the_last() {
        let one = List::of([Day { number: 7 }], Some("p2".to_owned()));
        assert_eq!(
            (one.message.as_str(), json!(one.data)),
            ("1 day found.", json!({ "days": [{ "number": 7 }], "cursor": "p2" }))
        );
        let none = List::<Day>::of([], None);
        assert_eq!((none.message.as_str(), json!(none.data)), ("0 days found.", json!({ "days": [] })));
        let schema = schema::published(schema::of_output::<List<Day>>());
        assert_eq!(schema["properties"]["days"]["items"]["properties"]["number"]["type"], "integer");
        assert_eq!(schema["required"], json!(["days"]));
    }
}

//! `list_custom_fields`: lists the custom fields that the tasks of a project have.

use super::custom_field::{self, Definition, EnumOption};
use super::prelude::*;

/// The requested fields of a custom field.
const FIELDS: [&str; 9] = [
    "name",
    "representation_type",
    "description",
    "enum_options.name",
    "enum_options.enabled",
    "is_value_read_only",
    "precision",
    "currency_code",
    "format",
];

/// List the custom fields of an Asana project's tasks, with their types and options.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListCustomFields {
    /// The project: its id (gid), link or name.
    project_id: ProjectId,
    /// Number of fields to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

/// A custom field that the tasks of a project have.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectField {
    /// The id (gid).
    id: String,
    /// The name.
    name: Option<String>,
    /// The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The description.
    description: Option<String>,
    /// The options that can be chosen.
    options: Option<Vec<Ref>>,
    /// True if its value cannot be set.
    read_only: bool,
    /// The number of decimal places of a number.
    precision: Option<u32>,
    /// The currency of a number, as ISO 4217 has it.
    currency: Option<String>,
    /// The format of a number, such as `currency`, `percentage` or `duration`; 0.25 is 25 %.
    format: Option<String>,
}

/// A field among those of a project, as Asana returns it.
#[derive(Deserialize)]
struct Setting {
    custom_field: Field,
}

#[derive(Deserialize)]
struct Field {
    gid: String,
    name: Option<String>,
    representation_type: Option<String>,
    enum_options: Option<Vec<EnumOption>>,
    is_value_read_only: Option<bool>,
    description: Option<String>,
    precision: Option<u32>,
    currency_code: Option<String>,
    format: Option<String>,
}

impl Action for ListCustomFields {
    const META: Meta =
        Meta::read("list_custom_fields", READ_PROJECTS_SCOPES).example(r#"{"projectId": "1200000000000010"}"#);
    type Output = List<ProjectField>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<ProjectField>>> {
        let project = self.project_id.resolve(api, "projectId", None).await?.gid;
        // https://developers.asana.com/reference/getcustomfieldsettingsforproject
        let call = api.get(&["api", "1.0", "projects", &project, "custom_field_settings"]);
        let call = call.query("opt_fields", custom_field::opt_fields("custom_field", &FIELDS));
        let (page, _) = envelope::read_page::<Setting>(api, call, self.limit.get(), self.cursor.as_deref()).await?;
        let cursor = page.next_cursor();
        Ok(List::of(page.data.into_iter().map(|setting| setting.custom_field.into()), cursor))
    }
}

impl Listed for ProjectField {
    const NOUN: &'static str = "field";
}

impl From<Field> for ProjectField {
    fn from(field: Field) -> Self {
        let Field { gid, name, representation_type, enum_options, is_value_read_only, format, .. } = field;
        let definition = Definition { gid, name, representation_type, enum_options, is_value_read_only, format };
        let read_only = definition.is_read_only();
        let options = definition.enum_options.map(|options| {
            let chosen = options.into_iter().filter(EnumOption::is_enabled);
            chosen.map(|option| Ref { gid: option.gid, name: option.name }).collect()
        });
        Self {
            id: definition.gid,
            name: definition.name,
            kind: definition.representation_type,
            description: field.description.filter(|text| !text.is_empty()),
            options,
            read_only,
            precision: field.precision,
            currency: field.currency_code,
            format: definition.format.filter(|format| format != "none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_fields_with_their_types_and_options() {
        let (output, calls) = testing::run(&ADAPTER, "list_custom_fields", json!({ "projectId": "42" }), |_| {
            let options = json!([{ "gid": "81", "name": "High", "enabled": true }, { "gid": "82", "name": "Old", "enabled": false }]);
            let priority = json!({ "gid": "8", "name": "Priority", "representation_type": "enum", "enum_options": options,
                "description": "" });
            let total = json!({ "gid": "9", "name": "Total", "representation_type": "formula", "precision": 2, "format": "percentage" });
            let settings = json!([{ "gid": "1", "custom_field": priority }, { "gid": "2", "custom_field": total }]);
            (200, json!({ "data": settings, "next_page": null }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "fields": [
                { "id": "8", "name": "Priority", "type": "enum", "options": [{ "id": "81", "name": "High" }], "readOnly": false },
                { "id": "9", "name": "Total", "type": "formula", "readOnly": true, "precision": 2, "format": "percentage" },
            ] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/projects/42/custom_field_settings");
        assert_eq!(calls[0].parameter("limit"), "50");
    }
}

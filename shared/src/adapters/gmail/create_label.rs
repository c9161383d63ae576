//! `create_label`: creates a label, or returns the existing one of that name.

use super::CREATE_LABEL_SCOPES;
use super::label::{self, Label, LabelColor, LabelListVisibility, MessageListVisibility, NewLabelName};
use crate::adapters::prelude::*;

/// Create a label. If a label of that name exists, it is returned unchanged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateLabel {
    /// The label's name. `Travel/Flights` is nested under `Travel`.
    name: NewLabelName,
    /// Its colour.
    color: Option<LabelColor>,
    /// Its place in Gmail's list of labels.
    #[serde(default)]
    label_list_visibility: LabelListVisibility,
    /// Its visibility on e-mails in lists.
    #[serde(default)]
    message_list_visibility: MessageListVisibility,
}

impl Action for CreateLabel {
    const META: Meta = Meta::idempotent("create_label", CREATE_LABEL_SCOPES).example(r#"{"name": "Travel"}"#);
    type Output = Label;

    /// The name is unique, and other actions take it in the place of the id.
    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![Target::new(TargetKind::Label, &*self.name)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Label>> {
        let name = &*self.name;
        let mut label = json!({ "name": name, "labelListVisibility": self.label_list_visibility,
            "messageListVisibility": self.message_list_visibility });
        if let Some(color) = &self.color {
            label["color"] = json!(color);
        }
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/create
        let created = api.post(&["gmail", "v1", "users", "me", "labels"]).json(&label).send::<Label>().await;
        match created {
            Ok(label) => Ok(label.into_output("The label was created.")),
            // Label names are unique: one created by an earlier attempt or by the user is the requested label.
            Err(error) if error.kind() == Some(Kind::Conflict) => {
                let existing = label::list(api).await?.into_iter().find(|label| label.is_named(name));
                existing.map(|label| label.into_output("The label already existed.")).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn creates_a_label() {
        let response = json!({ "id": "Label_2", "name": "Travel", "labelListVisibility": "labelShow" });
        let context = json!({ "name": " Travel " });
        let (output, calls) = testing::run(&ADAPTER, "create_label", context, move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "Label_2", "name": "Travel" }));
        assert_eq!(output.external_id.as_deref(), Some("Label_2"));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /gmail/v1/users/me/labels"));
        assert_eq!(
            calls[0].body,
            json!({ "name": "Travel", "labelListVisibility": "labelShow", "messageListVisibility": "show" })
        );
    }

    #[tokio::test]
    async fn a_label_is_created_with_its_colour_and_visibility() {
        let color = json!({ "textColor": "#ffffff", "backgroundColor": "#000000" });
        let context = json!({ "name": "Travel", "color": color, "labelListVisibility": "labelHide",
            "messageListVisibility": "hide" });
        let (_, calls) =
            testing::run(&ADAPTER, "create_label", context.clone(), |_| (200, json!({ "id": "Label_2" }))).await;
        assert_eq!(calls[0].body, context);
        let context = json!({ "name": "A", "color": { "textColor": "#ffffff", "backgroundColor": "black" } });
        assert_eq!(testing::refusal(&ADAPTER, "create_label", context).0, "context.color.backgroundColor");
    }

    #[tokio::test]
    async fn returns_an_existing_label_of_that_name() {
        let provider = |existing: &'static str| {
            move |sent: &testing::SentRequest| match sent.line.as_str() {
                "POST /gmail/v1/users/me/labels" => (409, json!({ "error": { "errors": [{ "reason": "aborted" }] } })),
                _ => (200, json!({ "labels": [{ "id": "Label_1", "name": existing, "type": "user" }] })),
            }
        };
        let context = || json!({ "name": "travel" });
        let (output, _) = testing::run(&ADAPTER, "create_label", context(), provider("Travel")).await;
        let output = output.unwrap();
        assert_eq!(
            (output.message.as_str(), output.external_id.as_deref()),
            ("The label already existed.", Some("Label_1"))
        );
        let (output, _) = testing::run(&ADAPTER, "create_label", context(), provider("Other")).await;
        assert_eq!(testing::error_kind(&output), Kind::Conflict);
    }

    #[test]
    fn refuses_the_names_of_system_labels() {
        for name in ["inbox", "CATEGORY_PROMOTIONS", "category_social"] {
            assert_eq!(testing::refusal(&ADAPTER, "create_label", json!({ "name": name })).0, "context.name", "{name}");
        }
    }
}

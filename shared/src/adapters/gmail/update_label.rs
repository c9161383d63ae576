//! `update_label`: changes the name, the colour or the visibility of a label.

use super::CREATE_LABEL_SCOPES;
use super::label::{
    self, LabelColor, LabelDetails, LabelListVisibility, MessageListVisibility, NewLabelName, OwnLabel,
};
use crate::adapters::prelude::*;

/// Change the name, the colour or the visibility of a label. What is not named stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateLabel {
    /// The label, by name or id, for example `Receipts`.
    #[serde(alias = "labelId")]
    #[schemars(extend("x-aliases" = ["labelId"]))]
    label: OwnLabel,
    /// Its new name. `Travel/Flights` is nested under `Travel`.
    name: Option<NewLabelName>,
    /// Its new colour.
    color: Option<LabelColor>,
    /// Its place in Gmail's list of labels.
    label_list_visibility: Option<LabelListVisibility>,
    /// Its visibility on e-mails in lists.
    message_list_visibility: Option<MessageListVisibility>,
}

impl Action for UpdateLabel {
    const META: Meta = Meta::idempotent("update_label", CREATE_LABEL_SCOPES)
        .overwrites("the old name, colour and visibility of the label")
        .stores_checkpoint()
        .aliases(&["rename_label"])
        .example(r##"{"label": "Receipts", "name": "Bills", "color": {"textColor": "#ffffff", "backgroundColor": "#000000"}}"##);
    type Output = LabelDetails;

    fn check(&self) -> Result<()> {
        let is_empty = self.name.is_none()
            && self.color.is_none()
            && self.label_list_visibility.is_none()
            && self.message_list_visibility.is_none();
        if is_empty {
            let reason = "must not be missing unless color, labelListVisibility or messageListVisibility is set, for example Travel";
            return Err(Error::invalid("name", reason));
        }
        Ok(())
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![label::find_one(api, &self.label).await?.into_target()])
    }

    /// Stores the label's id: after a lost response the label can have its new name.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        Ok(Some(label::find_one(api, &self.label).await?.id))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<LabelDetails>> {
        let id = label::prepared_id(api, &self.label).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/patch
        let call = api.call(Method::PATCH, &["gmail", "v1", "users", "me", "labels", &id]);
        let changed: Result<LabelDetails> = call.json(&self.request()).send().await;
        let changed = changed.map_err(|error| match error.kind() {
            Some(Kind::Conflict) => api.error(Kind::Invalid, "a label of that name exists; list_labels returns all"),
            _ => error,
        })?;
        Ok(changed.into_output(&id, "The label was changed."))
    }
}

impl UpdateLabel {
    /// Returns the fields that are changed.
    fn request(&self) -> Value {
        let mut request = json!({
            "name": self.name,
            "color": self.color,
            "labelListVisibility": self.label_list_visibility,
            "messageListVisibility": self.message_list_visibility,
        });
        if let Value::Object(fields) = &mut request {
            fields.retain(|_, value| !value.is_null());
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    fn respond(sent: &SentRequest) -> (u16, Value) {
        match sent.line.ends_with("/labels") {
            true => (200, json!({ "labels": [{ "id": "Label_1", "name": "Receipts", "type": "user" }] })),
            false => (200, json!({ "id": "Label_1", "name": "Bills", "type": "user" })),
        }
    }

    #[tokio::test]
    async fn what_is_named_is_changed_and_a_new_name_is_found_again() {
        let context = json!({ "label": "receipts", "name": "Bills", "messageListVisibility": "hide" });
        let (output, calls) = testing::run(&ADAPTER, "update_label", context, respond).await;
        let output = output.unwrap();
        assert_eq!((output.external_id.as_deref(), &output.data["name"]), (Some("Label_1"), &json!("Bills")));
        assert_eq!(calls[1].line, "PATCH /gmail/v1/users/me/labels/Label_1");
        assert_eq!(calls[1].body, json!({ "name": "Bills", "messageListVisibility": "hide" }));
        // After a lost response the label has its new name.
        let (output, calls) = testing::run_with_checkpoint(
            &ADAPTER,
            "update_label",
            "Label_1",
            json!({ "label": "Old", "name": "Bills" }),
            respond,
        )
        .await;
        assert_eq!((output.unwrap().external_id.as_deref(), calls.len()), (Some("Label_1"), 1));
        let unknown = || json!({ "label": "Old", "name": "Receipts" });
        let (output, _) = testing::run(&ADAPTER, "update_label", unknown(), respond).await;
        assert_eq!(testing::error_kind(&output), Kind::Invalid);
    }

    #[test]
    fn refuses_system_labels_and_changes_of_nothing() {
        let refused = |context: Value| testing::refusal(&ADAPTER, "update_label", context).0;
        assert_eq!(refused(json!({ "label": "inbox", "name": "A" })), "context.label");
        assert_eq!(refused(json!({ "label": "A", "name": "Starred" })), "context.name");
        assert_eq!(refused(json!({ "label": "A" })), "context.name");
        let color = json!({ "textColor": "red", "backgroundColor": "#ffffff" });
        assert_eq!(refused(json!({ "label": "A", "color": color })), "context.color.textColor");
    }
}

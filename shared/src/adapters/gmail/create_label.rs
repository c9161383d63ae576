//! `create_label`: creates a label, or returns the existing one of that name.

use super::CREATE_LABEL_SCOPES;
use super::label::{self, Label};
use crate::adapters::prelude::*;
use crate::validate::check_text;

/// Gmail's limit of a label's name.
const MAX_NAME_BYTES: usize = 225;

/// Create a label in the connected Gmail account. If a label of that name exists, it is returned unchanged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateLabel {
    /// The label's name. `Travel/Flights` is nested under `Travel`.
    name: String,
}

impl Action for CreateLabel {
    const META: Meta = Meta::idempotent("create_label", CREATE_LABEL_SCOPES).example(r#"{"name": "Travel"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        check_text("name", &self.name, MAX_NAME_BYTES)?;
        match label::system_id(&self.name) {
            Some(_) => Err(Error::invalid("name", "must not be the name of a system label such as INBOX")),
            None => Ok(()),
        }
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let label = json!({
            "name": self.name.trim(), "labelListVisibility": "labelShow", "messageListVisibility": "show",
        });
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/create
        let created = api.post(&["gmail", "v1", "users", "me", "labels"]).json(&label).send::<Label>().await;
        match created {
            Ok(label) => Ok(label_output("The label was created.", label)),
            // Label names are unique: one created by an earlier attempt or by the user is the requested label.
            Err(error) if error.kind() == Some(Kind::Conflict) => {
                let existing = label::list(api).await?.into_iter().find(|label| label.is_named(&self.name));
                existing.map(|label| label_output("The label already existed.", label)).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

fn label_output(message: &str, label: Label) -> ActionOutput {
    ActionOutput { message: message.to_owned(), data: label.to_json(), external_id: Some(label.id), link: None }
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
        assert_eq!(output.data, json!({ "id": "Label_2", "name": "Travel", "type": "user" }));
        assert_eq!(output.external_id.as_deref(), Some("Label_2"));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /gmail/v1/users/me/labels"));
        assert_eq!(
            calls[0].body,
            json!({ "name": "Travel", "labelListVisibility": "labelShow", "messageListVisibility": "show" })
        );
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
    fn refuses_invalid_and_system_names() {
        for name in ["", "inbox", "CATEGORY_PROMOTIONS", "a\nb", &"a".repeat(226)] {
            assert_eq!(testing::refusal(&ADAPTER, "create_label", json!({ "name": name })).0, "context.name", "{name}");
        }
    }
}

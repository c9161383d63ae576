//! `create_label`: makes a label, unless there is one of that name.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::CREATE_LABEL_SCOPES;
use super::label::{self, Label};
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};
use crate::validate::check_text;

/// Gmail takes no longer name.
const MAX_NAME_BYTES: usize = 225;

/// Make a label in the connected Gmail account. If there is one of that name already, it is returned as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateLabel {
    /// The label's name. `Travel/Flights` lies below `Travel`.
    name: String,
}

impl Action for CreateLabel {
    const NAME: &'static str = "create_label";
    const SCOPES: Scopes = CREATE_LABEL_SCOPES;
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "name": "Travel" })
    }

    fn check(&self) -> Result<()> {
        check_text("name", &self.name, MAX_NAME_BYTES)?;
        match label::system_id(&self.name) {
            Some(_) => Err(Error::invalid("name", "is a label of Gmail's own")),
            None => Ok(()),
        }
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let label = json!({
            "name": self.name.trim(), "labelListVisibility": "labelShow", "messageListVisibility": "show",
        });
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/create
        let made = api.post(&["gmail", "v1", "users", "me", "labels"]).json(&label).send::<Label>().await;
        match made {
            Ok(label) => Ok(label_output("The label was made.", label)),
            // A name is there once: what an earlier run or somebody else made is what was asked for.
            Err(error) if error.kind() == Some(Kind::Conflict) => {
                let there = label::list(api).await?.into_iter().find(|label| label.is_named(&self.name));
                there.map(|label| label_output("The label was there already.", label)).ok_or(error)
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
        let answer = json!({ "id": "Label_2", "name": "Travel", "labelListVisibility": "labelShow" });
        let context = json!({ "name": " Travel " });
        let (done, calls) = testing::run(&ADAPTER, "create_label", context, move |_| (200, answer.clone())).await;
        let done = done.unwrap();
        assert_eq!(done.data, json!({ "id": "Label_2", "name": "Travel", "type": "user" }));
        assert_eq!(done.external_id.as_deref(), Some("Label_2"));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /gmail/v1/users/me/labels"));
        assert_eq!(
            calls[0].body,
            json!({ "name": "Travel", "labelListVisibility": "labelShow", "messageListVisibility": "show" })
        );
    }

    #[tokio::test]
    async fn returns_an_existing_label_of_that_name() {
        let provider = |there: &'static str| {
            move |sent: &testing::SentRequest| match sent.line.as_str() {
                "POST /gmail/v1/users/me/labels" => (409, json!({ "error": { "errors": [{ "reason": "aborted" }] } })),
                _ => (200, json!({ "labels": [{ "id": "Label_1", "name": there, "type": "user" }] })),
            }
        };
        let context = || json!({ "name": "travel" });
        let (done, _) = testing::run(&ADAPTER, "create_label", context(), provider("Travel")).await;
        let done = done.unwrap();
        assert_eq!(
            (done.message.as_str(), done.external_id.as_deref()),
            ("The label was there already.", Some("Label_1"))
        );
        let (done, _) = testing::run(&ADAPTER, "create_label", context(), provider("Other")).await;
        assert_eq!(testing::error_kind(&done), Kind::Conflict);
    }

    #[test]
    fn refuses_invalid_and_system_names() {
        for name in ["", "inbox", "CATEGORY_PROMOTIONS", "a\nb", &"a".repeat(226)] {
            assert_eq!(testing::refusal(&ADAPTER, "create_label", json!({ "name": name })).0, "context.name", "{name}");
        }
    }
}

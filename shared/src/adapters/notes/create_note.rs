//! `create_note`: creates a note.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;
use crate::validate::check_text;

const MAX_TITLE_BYTES: usize = 200;

/// Create a note.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateNote {
    /// The note's title.
    title: String,
}

/// A note as Notes returns it.
#[derive(Deserialize)]
struct Note {
    id: String,
    title: String,
    url: Option<String>,
}

/// A page of notes.
#[derive(Deserialize)]
struct Page {
    notes: Vec<Note>,
}

impl Action for CreateNote {
    const NAME: &'static str = "create_note";
    const SCOPES: Scopes = &[&["notes:write"]];
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> = Some(ReconcileBy { by: "its reference", scopes: &[&["notes:read"]] });

    fn example() -> Value {
        json!({ "title": "Buy milk" })
    }

    fn check(&self) -> Result<()> {
        check_text("title", &self.title, MAX_TITLE_BYTES)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://notes.example/docs/create
        let body = json!({ "title": self.title, "reference": api.effect_key });
        let note: Note = api.post(&["v1", "notes"]).json(&body).send().await?;
        Ok(note.into_output())
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        // https://notes.example/docs/list
        let page: Page = api.get(&["v1", "notes"]).query("reference", &api.effect_key).send().await?;
        Ok(match page.notes.into_iter().next() {
            Some(note) => Reconciliation::Applied(note.into_output()),
            None => Reconciliation::NotApplied,
        })
    }
}

impl Note {
    /// Returns the note as output.
    fn into_output(self) -> ActionOutput {
        ActionOutput {
            message: "The note was created.".to_owned(),
            data: json!({ "id": self.id, "title": self.title, "url": self.url }),
            external_id: Some(self.id),
            link: self.url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notes::ADAPTER;
    use crate::adapters::testing::{self, EFFECT_KEY, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_note() {
        let (output, calls) = testing::run(&ADAPTER, "create_note", json!({ "title": "Buy milk" }), |_| {
            (201, json!({ "id": "n1", "title": "Buy milk", "url": "https://notes.example/n1" }))
        })
        .await;
        assert_eq!(output.unwrap().external_id.as_deref(), Some("n1"));
        assert_eq!(calls[0].line, "POST /v1/notes");
        assert_eq!(calls[0].body, json!({ "title": "Buy milk", "reference": EFFECT_KEY }));
    }

    #[tokio::test]
    async fn reconciles_by_the_reference() {
        let reconcile = async |notes: Value| {
            let context = json!({ "title": "Buy milk" });
            let provider = move |_: &testing::SentRequest| Ok((200, json!({ "notes": notes })));
            testing::run_step(&ADAPTER, "create_note", None, Step::Reconcile, context, provider).await
        };
        let (found, calls) = reconcile(json!([{ "id": "n1", "title": "Buy milk" }])).await;
        assert_eq!((found.unwrap().applied_id(), calls[0].parameter("reference")), (Some("n1"), EFFECT_KEY));
        let (found, _) = reconcile(json!([])).await;
        assert_eq!(found.unwrap(), StepOutput::Reconciliation(Reconciliation::NotApplied));
    }

    #[test]
    fn rejects_an_empty_title() {
        assert_eq!(testing::refusal(&ADAPTER, "create_note", json!({ "title": "" })).0, "context.title");
    }
}

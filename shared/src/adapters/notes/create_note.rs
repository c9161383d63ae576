//! `create_note`: creates a note.

use crate::adapters::prelude::*;

/// Create a note in Notes. A second call creates a second note.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateNote {
    /// The note's title.
    title: Line<200>,
}

/// A note as Notes returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct Note {
    /// The id.
    id: String,
    /// The title.
    title: Option<String>,
    /// The address at which a person can open it.
    #[serde(rename(serialize = "link"))]
    url: Option<String>,
}

/// A page of notes.
#[derive(Deserialize)]
struct Page {
    notes: Vec<Note>,
}

impl Action for CreateNote {
    const META: Meta = Meta::create("create_note", &[&["notes:write"]])
        .core()
        .reconciled_by("its reference", &[&["notes:read"]])
        .example(r#"{"title": "Buy milk"}"#);
    type Output = Note;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Note>> {
        // https://notes.example/docs/create
        let body = json!({ "title": self.title, "reference": api.effect_key });
        let note: Note = api.post(&["v1", "notes"]).json(&body).send().await?;
        Ok(note.into_output())
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Note>> {
        // https://notes.example/docs/list
        let page: Page = api.get(&["v1", "notes"]).query("reference", &api.effect_key).send().await?;
        Ok(match page.notes.into_iter().next() {
            Some(note) => Reconciliation::Applied(note.into_output()),
            None => Reconciliation::NotApplied,
        })
    }
}

impl Listed for Note {
    const NOUN: &'static str = "note";
}

impl Note {
    /// Returns the output of an action that created this note.
    fn into_output(self) -> ActionOutput<Self> {
        let (id, link) = (self.id.clone(), self.url.clone());
        ActionOutput::new("The note was created.", self).with_id(id).with_link(link)
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

//! `update_comment`: gives a comment another text.

use super::comment::{self, Comment};
use super::mention::Mentions;
use super::prelude::*;
use super::texts::TextForms;

/// Give a comment on an Asana task another text. Only its author can.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateComment {
    /// The id (gid) of the comment.
    comment_id: Gid,
    /// The new text, plain.
    text: Option<Plain>,
    /// The new text as Markdown; `<@ann@example.com>` or `<@Ann Lee>` mentions a person.
    markdown: Option<Plain>,
    /// The new text in Asana's HTML: `<body>See <strong>this</strong></body>`.
    html_text: Option<Html>,
    #[serde(default)]
    mentions: Mentions,
}

impl Action for UpdateComment {
    const META: Meta = Meta::idempotent("update_comment", WRITE_STORIES_SCOPES)
        .overwrites("the old text")
        .example(r#"{"commentId": "1200000000000053", "markdown": "The **second** draft is ready."}"#);
    type Output = Comment;

    fn check(&self) -> Result<()> {
        self.texts().check_given()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let people = self.mentions.resolve(api, self.markdown.as_ref()).await?;
        let people = people.into_iter().map(|(_, gid)| Target::person(gid));
        Ok([Target::new(TargetKind::Message, &*self.comment_id)]
            .into_iter()
            .chain(people)
            .chain(self.texts().targets())
            .collect())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Comment>> {
        let mut body = json!({});
        self.texts().write_to(&mut body, &self.mentions.resolve(api, self.markdown.as_ref()).await?);
        // https://developers.asana.com/reference/updatestory
        let call = api
            .call(Method::PUT, &["api", "1.0", "stories", &self.comment_id])
            .query("opt_fields", comment::FIELDS)
            .json(&json!({ "data": body }));
        Ok(call.send::<Envelope<Comment>>().await?.data.without_text().into_output("The comment was changed."))
    }
}

impl UpdateComment {
    fn texts(&self) -> TextForms<'_> {
        TextForms::comment(self.text.as_ref(), self.markdown.as_ref()).or_html(self.html_text.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn changes_the_text_in_each_form() {
        for (context, body) in [
            (json!({ "text": "a **b**" }), json!({ "text": "a **b**" })),
            (json!({ "markdown": "a **b**" }), json!({ "html_text": "<body>a <strong>b</strong></body>" })),
            (json!({ "htmlText": "<body>a</body>" }), json!({ "html_text": "<body>a</body>" })),
            (json!({ "markdown": "<@5>" }), json!({ "html_text": "<body><a data-asana-gid=\"5\"/></body>" })),
            (json!({ "markdown": "<@5>", "mentions": "none" }), json!({ "html_text": "<body>&lt;@5&gt;</body>" })),
        ] {
            let mut context = context.clone();
            context["commentId"] = json!("99");
            let (output, calls) = testing::run(&ADAPTER, "update_comment", context, |_| {
                (200, json!({ "data": { "gid": "99", "text": "a b" } }))
            })
            .await;
            assert_eq!(output.unwrap().data, json!({ "id": "99" }));
            assert_eq!((calls[0].line.as_str(), &calls[0].body["data"]), ("PUT /api/1.0/stories/99", &body));
            assert_eq!(calls[0].parameter("opt_fields"), comment::FIELDS);
        }
        assert_eq!(
            testing::refusal(&ADAPTER, "update_comment", json!({ "commentId": "9" })).0,
            "context.text,context.markdown"
        );
    }
}

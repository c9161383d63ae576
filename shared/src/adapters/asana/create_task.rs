//! `create_task`: creates a task in a project or a workspace.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{TO_READ, TO_WRITE};
use crate::adapters::action::{Action, Ask, Done, Effect, Scopes, Verdict};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};
use crate::ids::check_text;

/// What is asked back about the new task; without it Asana tells no link.
const FIELDS: &str = "gid,name,permalink_url,created_at,due_on,due_at";
/// Asana documents no limit for a name; this one only keeps out what cannot be meant.
const MAX_NAME_BYTES: usize = 8 * 1024;
/// Workspaces read to find the only one; Asana's largest page.
const WORKSPACES: u32 = 100;

/// Create a task in Asana, in a project or directly in a workspace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateTask {
    /// The task's name.
    name: String,
    /// The id (gid) of the project to put it in.
    project_id: Option<String>,
    /// The id (gid) of the workspace. Not needed with a project, nor when the account has only one.
    workspace_id: Option<String>,
    /// A plain description.
    notes: Option<String>,
    /// The day it is due, as `2026-11-23`. Not together with `dueAt`.
    due_on: Option<String>,
    /// The instant it is due, ISO 8601 with a zone, as `2026-11-23T10:00:00Z`. Not together with `dueOn`.
    due_at: Option<String>,
    /// Who is to do it: `me`, an e-mail address or a user's id (gid).
    assignee_id: Option<String>,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct Task {
    gid: String,
    name: Option<String>,
    permalink_url: Option<String>,
    created_at: Option<String>,
    due_on: Option<String>,
    due_at: Option<String>,
}

#[derive(Deserialize)]
struct Workspace {
    gid: String,
    #[serde(default)]
    name: String,
}

impl Action for CreateTask {
    const NAME: &'static str = "create_task";
    const SCOPES: Scopes = TO_WRITE;
    const EFFECT: Effect = Effect::Create;
    const ASK: Option<Ask> = Some(Ask { by: "its external id", scopes: TO_READ });

    fn check(&self) -> Result<()> {
        check_text("name", &self.name, MAX_NAME_BYTES)?;
        for (field, gid) in [("projectId", &self.project_id), ("workspaceId", &self.workspace_id)] {
            if gid.as_deref().is_some_and(|gid| !is_gid(gid)) {
                return Err(Error::invalid(field, "must be a gid: digits only"));
            }
        }
        if self.assignee_id.as_deref().is_some_and(|assignee| !is_assignee(assignee)) {
            return Err(Error::invalid("assigneeId", "must be `me`, an e-mail address or a user's gid"));
        }
        if self.due_on.is_some() && self.due_at.is_some() {
            return Err(Error::invalid("dueAt", "cannot stand together with dueOn"));
        }
        self.day()?;
        self.instant().map(|_| ())
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        let body = self.body(api, self.workspace(api).await?)?;
        // https://developers.asana.com/reference/createtask
        let call = api.post(&["api", "1.0", "tasks"]).query("opt_fields", FIELDS).json(&json!({ "data": body }));
        let Envelope { data: task } = call.send::<Envelope<Task>>().await?;
        Ok(self.done(task))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Verdict> {
        let key = format!("external:{}", external_id(api));
        // https://developers.asana.com/reference/gettask
        let call = api.get(&["api", "1.0", "tasks", &key]).query("opt_fields", FIELDS);
        match call.send::<Envelope<Task>>().await {
            Ok(Envelope { data: task }) => Ok(Verdict::Done(self.done(task))),
            Err(error) if error.kind() == Some(Kind::NotFound) => Ok(Verdict::Absent),
            Err(error) => Err(error),
        }
    }
}

/// Ours alone, and a key to read the task by: <https://developers.asana.com/docs/custom-external-data>
fn external_id(api: &Api<'_>) -> String {
    format!("pe:{}", api.effect_key)
}

impl CreateTask {
    fn done(&self, task: Task) -> Done {
        Done {
            message: "The task was created.".to_owned(),
            data: json!({
                "id": task.gid,
                "name": task.name.as_ref().unwrap_or(&self.name),
                "url": task.permalink_url,
                "createdAt": task.created_at,
                "dueOn": task.due_on,
                "dueAt": task.due_at,
            }),
            external_id: Some(task.gid),
            link: task.permalink_url,
        }
    }

    fn body(&self, api: &Api<'_>, workspace: Option<String>) -> Result<Value> {
        let mut body = json!({ "name": self.name, "external": { "gid": external_id(api) } });
        let fields = [
            ("workspace", workspace),
            ("notes", self.notes.clone()),
            ("assignee", self.assignee_id.clone()),
            ("due_on", self.day()?.map(|day| day.to_string())),
            ("due_at", self.instant()?.map(|instant| instant.to_string())),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        if let Some(project) = &self.project_id {
            body["projects"] = json!([project]);
        }
        Ok(body)
    }

    /// The workspace to name: the one given, none beside a project (which is in one), or the only one there is.
    async fn workspace(&self, api: &Api<'_>) -> Result<Option<String>> {
        if self.workspace_id.is_some() || self.project_id.is_some() {
            return Ok(self.workspace_id.clone());
        }
        // https://developers.asana.com/reference/getworkspaces
        let call = api.get(&["api", "1.0", "workspaces"]).query("limit", WORKSPACES);
        let Envelope { data } = call.send::<Envelope<Vec<Workspace>>>().await?;
        match data.as_slice() {
            [] => Err(api.error(Kind::Invalid, "the account is in no workspace")),
            [only] => Ok(Some(only.gid.clone())),
            several => {
                let names: Vec<_> = several.iter().map(|one| format!("{} ({})", one.name, one.gid)).collect();
                let list = names.join(", ");
                Err(api.error(Kind::Invalid, format!("several workspaces, give workspaceId or projectId: {list}")))
            }
        }
    }

    fn day(&self) -> Result<Option<Date>> {
        let read = |text: &str| {
            // `Date` also reads the day out of a whole timestamp, in whose zone nobody knows.
            let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
            day.ok_or_else(|| Error::invalid("dueOn", "must be a day, such as 2026-11-23"))
        };
        self.due_on.as_deref().map(read).transpose()
    }

    fn instant(&self) -> Result<Option<Timestamp>> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| Error::invalid("dueAt", "must be a time with its zone, such as 2026-11-23T10:00:00Z"))
        };
        self.due_at.as_deref().map(read).transpose()
    }
}

fn is_gid(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_assignee(text: &str) -> bool {
    let unfit = |c: char| c.is_whitespace() || c.is_control();
    let is_email = text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    text == "me" || is_gid(text) || (is_email && text.len() <= 254 && !text.contains(unfit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, Outcome, Sent, Step};

    fn asana(sent: &Sent) -> (u16, Value) {
        match sent.line.as_str() {
            "GET /api/1.0/workspaces" => (200, json!({ "data": [{ "gid": "7", "name": "Home" }], "next_page": null })),
            _ => (
                201,
                json!({ "data": { "gid": "99", "name": "Ship", "permalink_url": "https://app.asana.com/0/0/99",
                "created_at": "2026-11-23T10:00:00.000Z", "due_on": "2026-11-24", "due_at": null } }),
            ),
        }
    }

    #[tokio::test]
    async fn creates_a_task_in_a_project() {
        let context =
            json!({ "name": "Ship", "projectId": "42", "notes": "Soon", "dueOn": "2026-11-24", "assigneeId": "me" });
        let (done, calls) = testing::run(&ADAPTER, "create_task", context, asana).await;
        let done = done.unwrap();
        assert_eq!(
            done.data,
            json!({ "id": "99", "name": "Ship", "url": "https://app.asana.com/0/0/99",
                "createdAt": "2026-11-23T10:00:00.000Z", "dueOn": "2026-11-24", "dueAt": null })
        );
        assert_eq!(
            (done.external_id.as_deref(), done.link.as_deref()),
            (Some("99"), Some("https://app.asana.com/0/0/99"))
        );

        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].line, "POST /api/1.0/tasks");
        assert_eq!(calls[0].header("authorization"), "Bearer token-1");
        assert_eq!(calls[0].parameter("opt_fields"), FIELDS);
        assert_eq!(
            calls[0].body,
            json!({ "data": { "name": "Ship", "projects": ["42"], "notes": "Soon", "due_on": "2026-11-24",
                "assignee": "me", "external": { "gid": "pe:task_abc.1" } } })
        );
    }

    #[tokio::test]
    async fn takes_the_only_workspace_and_sends_utc() {
        let context = json!({ "name": "Ship", "dueAt": "2026-11-24T12:00:00+02:00" });
        let (done, calls) = testing::run(&ADAPTER, "create_task", context, asana).await;
        done.unwrap();
        assert_eq!(calls[0].line, "GET /api/1.0/workspaces");
        let task = &calls[1].body["data"];
        assert_eq!((&task["workspace"], &task["due_at"]), (&json!("7"), &json!("2026-11-24T10:00:00Z")));
    }

    #[tokio::test]
    async fn several_workspaces_are_listed() {
        let (done, calls) = testing::run(&ADAPTER, "create_task", json!({ "name": "Ship" }), |_| {
            (200, json!({ "data": [{ "gid": "7", "name": "Home" }, { "gid": "8", "name": "Work" }] }))
        })
        .await;
        assert_eq!((testing::kind(&done), calls.len()), (Kind::Invalid, 1));
        assert!(done.unwrap_err().to_string().contains("Home (7), Work (8)"));
    }

    #[tokio::test]
    async fn a_failed_look_up_is_no_unclear_write() {
        let (done, _) = testing::run(&ADAPTER, "create_task", json!({ "name": "Ship" }), |_| (500, Value::Null)).await;
        assert_eq!(testing::kind(&done), Kind::Transient);
        let context = json!({ "name": "Ship", "workspaceId": "7" });
        let (done, _) = testing::run(&ADAPTER, "create_task", context, |_| (500, Value::Null)).await;
        assert_eq!(testing::kind(&done), Kind::Ambiguous);
    }

    #[tokio::test]
    async fn a_lost_task_is_read_by_its_external_id() {
        let ask = async |answer: (u16, Value)| {
            let provider = move |_: &Sent| Ok(answer.clone());
            let asked = ("create_task", None);
            testing::step(&ADAPTER, asked, Step::Reconcile, json!({ "name": "Ship" }), provider).await
        };
        let (verdict, calls) = ask((200, json!({ "data": { "gid": "99" } }))).await;
        assert!(
            matches!(verdict.unwrap(), Outcome::Verdict(Verdict::Done(done)) if done.external_id.as_deref() == Some("99"))
        );
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/external:pe:task_abc.1");
        let (verdict, _) = ask((404, json!({ "errors": [{ "message": "Unknown object" }] }))).await;
        assert_eq!(verdict.unwrap(), Outcome::Verdict(Verdict::Absent));
    }

    #[test]
    fn refuses_what_is_no_task() {
        for (field, bad) in [
            ("name", ""),
            ("name", "a\nb"),
            ("projectId", "abc"),
            ("workspaceId", "../7"),
            ("dueOn", "tomorrow"),
            ("dueOn", "2026-02-30"),
            ("dueOn", "2026-11-23T10:00:00Z"),
            ("dueAt", "2026-11-23"),
            ("dueAt", "2026-11-23T10:00:00"),
            ("assigneeId", "Ann Smith"),
            ("assigneeId", ""),
        ] {
            let mut context = json!({ "name": "Ship" });
            context[field] = json!(bad);
            assert_eq!(testing::refusal(&ADAPTER, "create_task", context).0, format!("context.{field}"), "{bad}");
        }
        let both = json!({ "name": "Ship", "dueOn": "2026-11-23", "dueAt": "2026-11-23T10:00:00Z" });
        assert_eq!(testing::refusal(&ADAPTER, "create_task", both).0, "context.dueAt");
    }
}

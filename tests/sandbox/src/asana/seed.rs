//! Seed data of the workspace.

use bytes::Bytes;
use serde_json::{Value, json};

use super::attachments::Attachment;
use super::custom_fields;
use crate::clock::rfc3339;
use crate::fixtures::{self, asana};

const DAY_MILLIS: i64 = 86_400_000;

/// A member of the workspace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) gid: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
}

pub(crate) const PEOPLE: [Person; 3] = [
    Person { gid: asana::ALEX, name: "Alex Rivera", email: fixtures::ALEX },
    Person { gid: asana::SAM, name: "Sam Okafor", email: fixtures::SAM },
    Person { gid: asana::KIM, name: "Kim Larsen", email: fixtures::KIM },
];

/// Returns the person with an e-mail address; Alex for an unknown one.
pub(crate) fn person(email: &str) -> Person {
    PEOPLE.into_iter().find(|person| person.email == email).unwrap_or(PEOPLE[0])
}

/// A seed task: in a section, or below another task.
struct SeedTask {
    gid: &'static str,
    name: &'static str,
    notes: &'static str,
    section: Option<&'static str>,
    assignee: Person,
    completed: bool,
}

#[rustfmt::skip]
const TASKS: [SeedTask; 4] = [
    SeedTask { gid: asana::TASK, name: "Draft the landing page", notes: "One screen, no slider.", section: Some(asana::SECTION_TO_DO), assignee: PEOPLE[0], completed: false },
    SeedTask { gid: asana::QUOTES, name: "Collect customer quotes", notes: "", section: Some(asana::SECTION_TO_DO), assignee: PEOPLE[1], completed: false },
    SeedTask { gid: "1200000000000023", name: "Choose a typeface", notes: "", section: Some(asana::SECTION_DONE), assignee: PEOPLE[2], completed: true },
    SeedTask { gid: asana::SUBTASK, name: "Write the headline", notes: "", section: None, assignee: PEOPLE[1], completed: false },
];

/// Builds the seed project; `now` is in unix milliseconds.
pub(crate) fn projects(now: i64) -> Vec<Value> {
    let mut project = project(asana::PROJECT, "Website relaunch", &rfc3339(now - 30 * DAY_MILLIS));
    project["notes"] = json!("New pages for the autumn launch.");
    vec![project]
}

/// Builds the seed project's sections.
pub(crate) fn sections(now: i64) -> Vec<Value> {
    let created_at = rfc3339(now - 30 * DAY_MILLIS);
    let project = project_ref(&projects(now)[0]);
    [(asana::SECTION_TO_DO, "To do"), (asana::SECTION_DONE, "Done")]
        .map(|(gid, name)| section(gid, name, &project, &created_at))
        .to_vec()
}

/// Builds the seed tasks, as full records.
pub(crate) fn tasks(now: i64) -> Vec<Value> {
    let sections = sections(now);
    let mut tasks: Vec<Value> = TASKS.iter().zip(1..).map(|(seed, order)| task(seed, now + order, &sections)).collect();
    tasks[0]["num_subtasks"] = json!(1);
    tasks[1]["tags"] = json!([tag_ref(&tags(now)[0])]);
    tasks[3]["parent"] = task_ref(&tasks[0]);
    tasks
}

fn task(seed: &SeedTask, now: i64, sections: &[Value]) -> Value {
    let SeedTask { gid, name, notes, section, assignee, completed: done } = seed;
    let completed_at = done.then(|| now - DAY_MILLIS);
    let created = rfc3339(now - 5 * DAY_MILLIS);
    let section = sections.iter().find(|known| section.is_some_and(|section| known["gid"] == section));
    json!({
        "gid": gid, "resource_type": "task", "resource_subtype": "default_task", "name": name, "notes": notes,
        "completed": done, "completed_at": completed_at.map(rfc3339),
        "created_at": created, "modified_at": completed_at.map_or_else(|| created.clone(), rfc3339),
        "due_on": null, "due_at": null, "start_on": null, "start_at": null,
        "assignee": user(assignee), "created_by": user(&PEOPLE[0]),
        "followers": [user(&PEOPLE[0])], "tags": [], "parent": null, "num_subtasks": 0,
        "custom_fields": section.map_or_else(|| json!([]), |_| custom_fields::blanks()), "workspace": workspace(),
        "projects": section.map(|section| section["project"].clone()).into_iter().collect::<Vec<_>>(),
        "memberships": section.map(membership).into_iter().collect::<Vec<_>>(),
        "permalink_url": task_url(gid), "liked": false, "num_likes": 0, "hearted": false, "num_hearts": 0,
    })
}

/// Builds the seed stories: of the first task an assignment and a comment of Sam's, of the second one a comment of Alex's.
pub(crate) fn stories(now: i64) -> Vec<Value> {
    let (tasks, at) = (tasks(now), rfc3339(now - 2 * DAY_MILLIS));
    vec![
        story("1200000000000051", &tasks[0], &PEOPLE[0], "assigned", "assigned to you", &at),
        story(asana::COMMENT, &tasks[0], &PEOPLE[1], "comment_added", "Shall I write the headline?", &at),
        story(asana::OWN_COMMENT, &tasks[1], &PEOPLE[0], "comment_added", "Three are enough.", &at),
    ]
}

/// Builds the seed attachments of the first task: a text that Asana hosts, and a picture in Dropbox.
pub(super) fn attachments(now: i64) -> Vec<Attachment> {
    let (task, at) = (task_ref(&tasks(now)[0]), rfc3339(now - 2 * DAY_MILLIS));
    let brief = Bytes::from_static(b"One screen, three quotes, one button.\n");
    vec![
        Attachment::hosted(asana::ATTACHMENT, "brief.txt", &task, &at, ("text/plain", brief)),
        Attachment::in_dropbox(asana::DROPBOX_ATTACHMENT, "wireframe.png", &task, &at),
    ]
}

/// Builds the seed tag.
pub(crate) fn tags(now: i64) -> Vec<Value> {
    vec![tag(asana::TAG, "Launch", &rfc3339(now - 20 * DAY_MILLIS))]
}

pub(crate) fn task_url(gid: &str) -> String {
    format!("https://app.asana.com/0/{}/{gid}", asana::PROJECT)
}

pub(crate) fn workspace() -> Value {
    json!({"gid": asana::WORKSPACE, "resource_type": "workspace", "name": "Sandbox Works", "is_organization": false})
}

pub(crate) fn project(gid: &str, name: &str, created_at: &str) -> Value {
    json!({
        "gid": gid, "resource_type": "project", "name": name, "notes": "", "archived": false, "completed": false,
        "color": null, "created_at": created_at, "modified_at": created_at, "due_on": null, "start_on": null,
        "owner": user(&PEOPLE[0]), "team": null, "workspace": workspace(), "default_view": "list",
        "permalink_url": format!("https://app.asana.com/0/{gid}"),
    })
}

pub(crate) fn section(gid: &str, name: &str, project: &Value, created_at: &str) -> Value {
    json!({"gid": gid, "resource_type": "section", "name": name, "created_at": created_at, "project": project})
}

pub(crate) fn tag(gid: &str, name: &str, created_at: &str) -> Value {
    json!({
        "gid": gid, "resource_type": "tag", "name": name, "color": null, "notes": "", "created_at": created_at,
        "followers": [], "workspace": workspace(), "permalink_url": format!("https://app.asana.com/0/{gid}"),
    })
}

/// Builds a story.
pub(crate) fn story(gid: &str, task: &Value, author: &Person, kind: &str, text: &str, created_at: &str) -> Value {
    let group = if kind == "comment_added" { "comment" } else { "system" };
    json!({
        "gid": gid, "resource_type": "story", "resource_subtype": kind, "type": group, "text": text,
        "html_text": super::rich_text::of_plain(text), "created_at": created_at, "created_by": user(author),
        "is_pinned": false, "target": task_ref(task),
    })
}

pub(crate) fn project_ref(project: &Value) -> Value {
    json!({"gid": project["gid"], "resource_type": "project", "name": project["name"]})
}

pub(crate) fn task_ref(task: &Value) -> Value {
    let kind = &task["resource_subtype"];
    json!({"gid": task["gid"], "resource_type": "task", "resource_subtype": kind, "name": task["name"]})
}

pub(crate) fn tag_ref(tag: &Value) -> Value {
    json!({"gid": tag["gid"], "resource_type": "tag", "name": tag["name"]})
}

/// Builds a task's membership of a section and its project.
pub(crate) fn membership(section: &Value) -> Value {
    let named = json!({"gid": section["gid"], "resource_type": "section", "name": section["name"]});
    json!({"project": section["project"], "section": named})
}

pub(crate) fn user(person: &Person) -> Value {
    json!({"gid": person.gid, "resource_type": "user", "name": person.name})
}

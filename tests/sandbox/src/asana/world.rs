//! The workspace the sandbox starts with.

use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::world::{self, asana};

pub(crate) const WORKSPACE_NAME: &str = "Sandbox Works";
pub(crate) const PROJECT_NAME: &str = "Website relaunch";

/// A member of the workspace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) gid: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
}

pub(crate) const PEOPLE: [Person; 3] = [
    Person { gid: asana::ALEX, name: "Alex Rivera", email: world::ALEX },
    Person { gid: asana::SAM, name: "Sam Okafor", email: world::SAM },
    Person { gid: asana::KIM, name: "Kim Larsen", email: world::KIM },
];

/// The person behind an e-mail address; Alex for anyone unknown.
pub(crate) fn person(email: &str) -> Person {
    PEOPLE.into_iter().find(|person| person.email == email).unwrap_or(PEOPLE[0])
}

/// Sections of the project: gid and name.
pub(crate) const SECTIONS: [(&str, &str); 2] = [(asana::SECTION_TO_DO, "To do"), (asana::SECTION_DONE, "Done")];

/// The tasks at `now` (unix milliseconds), as full records.
pub(crate) fn tasks(now: i64) -> Vec<Value> {
    vec![
        task(
            asana::TASK,
            "Draft the landing page",
            "One screen, no slider.",
            asana::SECTION_TO_DO,
            Some(PEOPLE[0]),
            None,
            now,
        ),
        task("1200000000000022", "Collect customer quotes", "", asana::SECTION_TO_DO, Some(PEOPLE[1]), None, now),
        task(
            "1200000000000023",
            "Choose a typeface",
            "",
            asana::SECTION_DONE,
            Some(PEOPLE[2]),
            Some(now - 86_400_000),
            now,
        ),
    ]
}

fn task(
    gid: &str,
    name: &str,
    notes: &str,
    section: &str,
    assignee: Option<Person>,
    completed_at: Option<i64>,
    now: i64,
) -> Value {
    let created = rfc3339(now - 5 * 86_400_000);
    json!({
        "gid": gid, "resource_type": "task", "resource_subtype": "default_task", "name": name, "notes": notes,
        "completed": completed_at.is_some(), "completed_at": completed_at.map(rfc3339),
        "created_at": created, "modified_at": completed_at.map_or_else(|| created.clone(), rfc3339),
        "due_on": null, "due_at": null, "start_on": null, "start_at": null,
        "assignee": assignee.map(|person| user(&person)),
        "followers": [user(&PEOPLE[0])], "tags": [], "parent": null, "num_subtasks": 0, "custom_fields": [],
        "workspace": workspace(), "projects": [project_ref()], "memberships": [membership(section)],
        "permalink_url": link(gid), "liked": false, "num_likes": 0, "hearted": false, "num_hearts": 0,
    })
}

pub(crate) fn link(gid: &str) -> String {
    format!("https://app.asana.com/0/{}/{gid}", asana::PROJECT)
}

pub(crate) fn workspace() -> Value {
    json!({"gid": asana::WORKSPACE, "resource_type": "workspace", "name": WORKSPACE_NAME})
}

pub(crate) fn project_ref() -> Value {
    json!({"gid": asana::PROJECT, "resource_type": "project", "name": PROJECT_NAME})
}

/// A task's place in the project.
pub(crate) fn membership(section: &str) -> Value {
    let name = SECTIONS.iter().find(|(gid, _)| *gid == section).map(|(_, name)| *name);
    json!({"project": project_ref(), "section": {"gid": section, "resource_type": "section", "name": name}})
}

pub(crate) fn user(person: &Person) -> Value {
    json!({"gid": person.gid, "resource_type": "user", "name": person.name})
}

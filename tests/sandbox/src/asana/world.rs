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

/// A task to start with.
struct Seed {
    gid: &'static str,
    name: &'static str,
    notes: &'static str,
    section: &'static str,
    assignee: Person,
    done: bool,
}

#[rustfmt::skip]
const TASKS: [Seed; 3] = [
    Seed { gid: asana::TASK, name: "Draft the landing page", notes: "One screen, no slider.", section: asana::SECTION_TO_DO, assignee: PEOPLE[0], done: false },
    Seed { gid: "1200000000000022", name: "Collect customer quotes", notes: "", section: asana::SECTION_TO_DO, assignee: PEOPLE[1], done: false },
    Seed { gid: "1200000000000023", name: "Choose a typeface", notes: "", section: asana::SECTION_DONE, assignee: PEOPLE[2], done: true },
];

/// The tasks at `now` (unix milliseconds), as full records.
pub(crate) fn tasks(now: i64) -> Vec<Value> {
    TASKS.iter().map(|seed| task(seed, now)).collect()
}

fn task(seed: &Seed, now: i64) -> Value {
    let Seed { gid, name, notes, section, assignee, done } = seed;
    let completed_at = done.then(|| now - 86_400_000);
    let created = rfc3339(now - 5 * 86_400_000);
    json!({
        "gid": gid, "resource_type": "task", "resource_subtype": "default_task", "name": name, "notes": notes,
        "completed": done, "completed_at": completed_at.map(rfc3339),
        "created_at": created, "modified_at": completed_at.map_or_else(|| created.clone(), rfc3339),
        "due_on": null, "due_at": null, "start_on": null, "start_at": null,
        "assignee": user(assignee),
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

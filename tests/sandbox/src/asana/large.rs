//! Tasks that together, or alone, are too long for one response.

use serde_json::{Value, json};

use super::{State, seed};
use crate::clock::rfc3339;
use crate::fixtures::asana;

/// Nearly the maximum length of a description (<https://developers.asana.com/docs/input-output-options>).
const NOTES_CHARS: usize = 65_000;
/// More than Asana stores. With many custom fields a task is as long.
const LONGEST_NOTES_CHARS: usize = 6 * 1024 * 1024;

/// Adds a project of 100 tasks with long descriptions, and one with a task of 6 MiB.
pub(crate) fn add(state: &mut State, now: i64) {
    let created = rfc3339(now - 86_400_000);
    for (gid, name, tasks, chars) in [
        (asana::LONG_PROJECT, "Minutes", 100_u64, NOTES_CHARS),
        (asana::LONGEST_PROJECT, "Transcripts", 1, LONGEST_NOTES_CHARS),
    ] {
        let project = seed::project(gid, name, &created);
        let reference = seed::project_ref(&project);
        let section_gid = format!("{gid}0");
        let section = seed::section(&section_gid, "All", &reference, &created);
        let notes = "All of the words that were said. ".repeat(chars / 33);
        for number in 1..=tasks {
            state.tasks.push(task(
                &format!("{gid}{number:03}"),
                &notes,
                &section,
                now - 86_400_000 + number.cast_signed(),
            ));
        }
        state.projects.push(project);
        state.sections.push(section);
    }
}

fn task(gid: &str, notes: &str, section: &Value, created: i64) -> Value {
    let (created, author) = (rfc3339(created), seed::user(&seed::PEOPLE[0]));
    json!({
        "gid": gid, "resource_type": "task", "resource_subtype": "default_task", "name": "Minutes", "notes": notes,
        "completed": false, "completed_at": null, "created_at": created, "modified_at": created, "due_on": null,
        "due_at": null, "start_on": null, "start_at": null, "assignee": author, "created_by": author,
        "followers": [author], "tags": [], "parent": null, "num_subtasks": 0, "custom_fields": [],
        "workspace": seed::workspace(), "projects": [section["project"]], "memberships": [seed::membership(section)],
        "permalink_url": seed::task_url(gid), "liked": false, "num_likes": 0, "hearted": false, "num_hearts": 0,
    })
}

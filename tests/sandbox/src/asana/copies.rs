//! Copies of tasks (<https://developers.asana.com/reference/duplicatetask>), which a job makes.

use serde_json::{Value, json};

use super::body::{FieldType, field, request_data};
use super::fields::{reject_unknown_parameters, select_fields};
use super::seed::{task_ref, task_url, user};
use super::{access, bad_request, not_found};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// The parts that can be copied, with the fields of each.
const PARTS: [(&str, &[&str]); 10] = [
    ("assignee", &["assignee"]),
    ("attachments", &[]),
    ("dates", &["due_on", "due_at", "start_on", "start_at"]),
    ("dependencies", &["dependencies"]),
    ("followers", &["followers"]),
    ("notes", &["notes", "html_notes"]),
    ("parent", &["parent"]),
    ("projects", &["projects", "memberships"]),
    ("subtasks", &[]),
    ("tags", &["tags"]),
];

/// `POST /tasks/{gid}/duplicate`: 201 and the job; the new task is there at once.
pub(crate) fn duplicate(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "tasks:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &[field("name", FieldType::Text), field("include", FieldType::Text)])?;
    let original = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?.clone();
    let include: Vec<&str> = match body.get("include").and_then(Value::as_str) {
        Some(parts) => parts.split(',').collect(),
        None => vec![],
    };
    if include.iter().any(|part| PARTS.iter().all(|(known, _)| known != part)) {
        return Err(bad_request("include: Not a recognized value"));
    }
    let (gid, job, now) = (state.asana.next_gid(), state.asana.next_gid(), state.clock.rfc3339());
    let mut copy = json!({
        "gid": gid, "resource_type": "task", "resource_subtype": original["resource_subtype"], "notes": "",
        "html_notes": "<body></body>", "completed": false, "completed_at": null, "created_at": now, "modified_at": now,
        "due_on": null, "due_at": null, "start_on": null, "start_at": null, "assignee": null,
        "followers": [user(&caller)], "tags": [], "parent": null, "num_subtasks": 0, "custom_fields": original["custom_fields"],
        "workspace": original["workspace"], "projects": [], "memberships": [], "permalink_url": task_url(&gid),
        "liked": false, "num_likes": 0, "hearted": false, "num_hearts": 0, "created_by": user(&caller),
    });
    copy["name"] = body.get("name").cloned().unwrap_or_else(|| original["name"].clone());
    for (_, fields) in PARTS.iter().filter(|(part, _)| include.contains(part)) {
        for field in *fields {
            copy[*field] = original[*field].clone();
        }
    }
    let new_task = task_ref(&copy);
    state.asana.tasks.push(copy);
    state.asana.update_subtask_counts();
    state.record_effect("asana", "task_duplicated", &gid, asana::WORKSPACE, Value::Object(body));
    let job = json!({
        "gid": job, "resource_type": "job", "resource_subtype": "duplicate_task", "status": "in_progress",
        "new_task": new_task,
    });
    Ok(ApiResponse::json(201, json!({"data": select_fields(request, &job)})))
}

//! The requests of a service that go beyond a delegation for `gmail.send_email` and `gmail.fetch_emails` of one mailbox.

/// The right answer to a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// It is refused, with what the delegation permits.
    Refused,
    /// It is answered with the permitted rows and none of the others.
    Rows {
        /// A text of a permitted row.
        shown: &'static str,
        /// Texts of the other rows.
        hidden: &'static [&'static str],
    },
}

/// A request. `<NAME>` in its texts stands for an id.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) body: &'static str,
    /// The kinds of things that it names and that are not permitted.
    pub(super) names: &'static [&'static str],
    pub(super) expected: Expected,
}

const TOOL: &[&str] = &["tool"];
const ACTION: &[&str] = &["action"];
const ACCOUNT: &[&str] = &["account"];
const OBJECT: &[&str] = &["object"];

fn refused(names: &'static [&'static str], method: &'static str, path: &'static str, body: &'static str) -> Door {
    Door { method, path, body, names, expected: Expected::Refused }
}

fn rows(path: &'static str, shown: &'static str, hidden: &'static [&'static str]) -> Door {
    Door { method: "GET", path, body: "", names: &[], expected: Expected::Rows { shown, hidden } }
}

pub(super) fn doors() -> Vec<Door> {
    [catalogue_and_connections(), intents(), model_calls(), tasks(), errors(), mappings()].concat()
}

fn catalogue_and_connections() -> Vec<Door> {
    vec![
        rows("", r#""name":"send_email""#, &[r#""tool":"slack""#]),
        rows("", r#""name":"fetch_emails""#, &[r#""name":"create_draft""#]),
        rows("", "<ALEX>", &["<SAM>"]),
        rows("?format=openai&tier=all", "gmail_send_email", &["slack_send_message"]),
        rows("?format=mcp&connected=true&tier=all", "gmail_send_email", &[r#""name":"gmail_create_draft""#]),
        refused(TOOL, "GET", "?tools=slack", ""),
        refused(TOOL, "GET", "?tools=slack&format=mcp", ""),
        rows("/integrations", "<ALEX>", &["<SLACK>"]),
        rows("/integrations", "<ALEX>", &["<SAM>"]),
        refused(TOOL, "GET", "/integrations/status?tool=slack", ""),
        refused(TOOL, "GET", "/integrations/status?toolName=slack", ""),
        refused(ACCOUNT, "GET", "/integrations/status?tool=gmail&account=<SAM>", ""),
        rows("/circuit-breakers", "<ALEX>", &["<SLACK>"]),
        rows("/circuit-breakers?agentId=a", "<ALEX>", &["<SAM>"]),
        rows("/agents", r#""scheduled":1,"#, &[r#""scheduled":4,"#]),
    ]
}

const SLACK: &str =
    r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"channel":"general","text":"t"}}"#;
const SLACK_DRY: &str = r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"channel":"general","text":"t"},"dryRun":true}"#;
const SLACK_LATER: &str = r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"channel":"general","text":"t"},"executeAt":"<LATER>"}"#;
const DRAFT: &str = r#"{"agentId":"a","tool":"gmail","intent":"create_draft","account":"<ALEX>","context":{"to":"kim@example.com","subject":"s","body":"b"}}"#;
const DRAFT_DRY: &str = r#"{"agentId":"a","tool":"gmail","intent":"create_draft","account":"<ALEX>","context":{"to":"kim@example.com","subject":"s","body":"b"},"dryRun":true}"#;
const DRAFT_LATER: &str = r#"{"agentId":"a","tool":"gmail","intent":"create_draft","account":"<ALEX>","context":{"to":"kim@example.com","subject":"s","body":"b"},"executeAt":"<LATER>"}"#;
const READ: &str = r#"{"agentId":"a","tool":"gmail","intent":"list_labels","account":"<ALEX>"}"#;
const SAMS: &str = r#"{"agentId":"a","tool":"gmail","intent":"send_email","account":"sam@example.com","context":{"to":"kim@example.com","subject":"s","body":"b"}}"#;
const SAMS_DRY: &str = r#"{"agentId":"a","tool":"gmail","intent":"send_email","account":"<SAM>","context":{"to":"kim@example.com","subject":"s","body":"b"},"dryRun":true}"#;
const SAMS_LATER: &str = r#"{"agentId":"a","tool":"gmail","intent":"send_email","account":"<SAM>","context":{"to":"kim@example.com","subject":"s","body":"b"},"executeAt":"<LATER>"}"#;
const SAMS_READ: &str = r#"{"agentId":"a","tool":"gmail","intent":"fetch_emails","account":"<SAM>"}"#;
const SERIES: &str = r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"channel":"general","text":"t"},"executeAt":"<LATER>","recurrence":{"every":"P1D"}}"#;

fn intents() -> Vec<Door> {
    let door = |names, path, body| refused(names, "POST", path, body);
    vec![
        door(TOOL, "", SLACK),
        door(TOOL, "", SLACK_DRY),
        door(TOOL, "", SLACK_LATER),
        door(ACTION, "", DRAFT),
        door(ACTION, "", DRAFT_DRY),
        door(ACTION, "", DRAFT_LATER),
        door(ACTION, "", READ),
        door(ACCOUNT, "", SAMS),
        door(ACCOUNT, "", SAMS_DRY),
        door(ACCOUNT, "", SAMS_LATER),
        door(ACCOUNT, "", SAMS_READ),
        door(TOOL, "/tasks/schedule", SLACK_LATER),
        door(TOOL, "/tasks/schedule", SERIES),
        door(ACTION, "/tasks/schedule", DRAFT_LATER),
        door(ACCOUNT, "/tasks/schedule", SAMS_LATER),
    ]
}

/// A model's calls, which name tools, actions, accounts and tasks in their arguments.
fn model_calls() -> Vec<Door> {
    let call = |names, body| refused(names, "POST", "/call", body);
    let list = |body, shown, hidden| {
        let expected = Expected::Rows { shown, hidden };
        Door { method: "POST", path: "/call", body, names: &[], expected }
    };
    vec![
        call(TOOL, r#"{"agentId":"a","name":"slack_send_message","arguments":{"channel":"general","text":"t"}}"#),
        call(ACTION, r#"{"agentId":"a","name":"gmail_list_labels","account":"<ALEX>"}"#),
        call(ACCOUNT, r#"{"agentId":"a","name":"gmail_fetch_emails","account":"<SAM>"}"#),
        call(
            ACCOUNT,
            r#"{"agentId":"a","name":"engine_dry_run","arguments":{"name":"gmail_fetch_emails","account":"<SAM>"}}"#,
        ),
        call(ACTION, r#"{"agentId":"a","name":"engine_dry_run","arguments":{"name":"gmail_list_labels"}}"#),
        call(
            TOOL,
            r#"{"agentId":"a","name":"engine_schedule_action","arguments":{"name":"slack_send_message","arguments":{"channel":"general","text":"t"},"executeAt":"<LATER>"}}"#,
        ),
        call(OBJECT, r#"{"agentId":"a","name":"engine_show_task","arguments":{"taskId":"<TASK_OF_TOOL>"}}"#),
        call(OBJECT, r#"{"agentId":"a","name":"engine_show_task","arguments":{"taskId":"<TASK_OF_ACCOUNT>"}}"#),
        call(OBJECT, r#"{"agentId":"a","name":"engine_cancel_task","arguments":{"taskId":"<TASK_OF_ACTION>"}}"#),
        call(OBJECT, r#"{"agentId":"a","name":"engine_retry_task","arguments":{"taskId":"<TASK_OF_ACTION>"}}"#),
        call(TOOL, r#"{"agentId":"a","name":"engine_list_errors","arguments":{"tool":"slack"}}"#),
        call(TOOL, r#"{"agentId":"a","name":"engine_find_keys","arguments":{"tool":"slack"}}"#),
        call(ACCOUNT, r#"{"agentId":"a","name":"engine_find_keys","arguments":{"tool":"gmail","account":"<SAM>"}}"#),
        call(
            ACCOUNT,
            r#"{"agentId":"a","name":"engine_save_key","arguments":{"tool":"gmail","account":"<SAM>","contextKey":"n","externalId":"e"}}"#,
        ),
        call(TOOL, r#"{"agentId":"a","name":"engine_start_connect","arguments":{"tool":"slack"}}"#),
        list(r#"{"agentId":"a","name":"engine_list_connections"}"#, "<ALEX>", &["<SAM>", "<SLACK>"]),
        list(r#"{"agentId":"a","name":"engine_list_tasks"}"#, "<TASK>", &["<TASK_OF_TOOL>", "<TASK_OF_ACCOUNT>"]),
        list(r#"{"agentId":"a","name":"engine_list_errors"}"#, "VISIBLE", &["HIDDEN", "PROVIDER_REJECTED"]),
        list(r#"{"agentId":"a","name":"engine_find_keys","arguments":{"tool":"gmail"}}"#, "VISIBLE", &["HIDDEN"]),
    ]
}

fn tasks() -> Vec<Door> {
    let by_id = |method, [tool, action, account]: [&'static str; 3], path: [&'static str; 3]| {
        let body = [tool, action, account];
        (0..3).map(move |at| refused(OBJECT, method, path[at], body[at]))
    };
    let queries = ["/tasks?taskId=<TASK_OF_TOOL>", "/tasks?taskId=<TASK_OF_ACTION>", "/tasks?taskId=<TASK_OF_ACCOUNT>"];
    let waits = [
        "/tasks?wait=1&taskId=<TASK_OF_TOOL>",
        "/tasks?wait=1&taskId=<TASK_OF_ACTION>",
        "/tasks?wait=1&taskId=<TASK_OF_ACCOUNT>",
    ];
    let bodies =
        [r#"{"taskId":"<TASK_OF_TOOL>"}"#, r#"{"taskId":"<TASK_OF_ACTION>"}"#, r#"{"taskId":"<TASK_OF_ACCOUNT>"}"#];
    let lists = [
        rows("/tasks", "VISIBLE", &["HIDDEN"]),
        rows("/tasks?kind=immediate&limit=1", "VISIBLE", &["HIDDEN"]),
        rows("/tasks?agentId=a&status=scheduled", "VISIBLE", &["HIDDEN"]),
        rows("/tasks?agentId=a&kind=immediate", "VISIBLE", &["HIDDEN"]),
    ];
    let reads = by_id("GET", [""; 3], queries).chain(by_id("GET", [""; 3], waits));
    let changes = by_id("POST", bodies, ["/tasks"; 3]).chain(by_id("DELETE", bodies, ["/tasks"; 3]));
    lists.into_iter().chain(reads).chain(changes).collect()
}

const REPORT_OF_TOOL: &str =
    r#"{"agentId":"a","tool":"slack","action":"send_message","errorCode":"E","errorMessage":"m"}"#;
const REPORT_OF_ACTION: &str =
    r#"{"agentId":"a","tool":"gmail","action":"create_draft","errorCode":"E","errorMessage":"m"}"#;

fn errors() -> Vec<Door> {
    let resolve = |body| refused(OBJECT, "PATCH", "/errors", body);
    let bulk = |body| refused(OBJECT, "POST", "/errors/bulk", body);
    vec![
        rows("/errors", "VISIBLE", &["HIDDEN"]),
        rows("/errors", "VISIBLE", &["PROVIDER_REJECTED"]),
        rows("/errors?agentId=a&tool=gmail", "VISIBLE", &["HIDDEN"]),
        refused(TOOL, "GET", "/errors?tool=slack", ""),
        refused(TOOL, "POST", "/errors", REPORT_OF_TOOL),
        refused(ACTION, "POST", "/errors", REPORT_OF_ACTION),
        resolve(r#"{"errorId":"<ERROR_OF_TOOL>"}"#),
        resolve(r#"{"errorId":"<ERROR_OF_ACTION>"}"#),
        resolve(r#"{"errorId":"<ERROR_OF_ACCOUNT>"}"#),
        bulk(r#"{"action":"resolve","errorIds":["<ERROR_OF_TOOL>"]}"#),
        bulk(r#"{"action":"resolve","errorIds":["<ERROR_OF_ACTION>"]}"#),
        bulk(r#"{"action":"resolve","errorIds":["<ERROR_OF_ACCOUNT>"]}"#),
        rows("/errors/stats", r#""byTool":{"gmail":3}"#, &["slack"]),
        rows("/errors/stats", r#""byAgent":{"a":3}"#, &[r#""HIDDEN""#]),
        rows("/errors/stats?agentId=a", r#""byAgent":{"a":3}"#, &["slack"]),
        rows("/errors/trends?days=1", r#""count":3"#, &[r#""HIDDEN""#]),
        refused(TOOL, "GET", "/errors/trends?tool=slack", ""),
        rows("/errors/fallbacks", "VISIBLE", &["HIDDEN"]),
        refused(TOOL, "GET", "/errors/fallbacks?tool=slack", ""),
    ]
}

fn mappings() -> Vec<Door> {
    const PATH: &str = "/context-mappings";
    const BULK: &str = "/context-mappings/bulk";
    let of_tool = r#"{"agentId":"a","tool":"slack","contextKey":"n","externalId":"e"}"#;
    let of_account = r#"{"agentId":"a","tool":"gmail","account":"<SAM>","contextKey":"n","externalId":"e"}"#;
    let bulk_of_tool = r#"{"mappings":[{"agentId":"a","tool":"slack","contextKey":"n","externalId":"e"}]}"#;
    let bulk_of_account =
        r#"{"mappings":[{"agentId":"a","tool":"gmail","account":"<SAM>","contextKey":"n","externalId":"e"}]}"#;
    vec![
        rows("/context-mappings?agentId=a&tool=gmail", "VISIBLE", &["HIDDEN"]),
        refused(TOOL, "GET", "/context-mappings?agentId=a&tool=slack", ""),
        refused(ACCOUNT, "GET", "/context-mappings?agentId=a&tool=gmail&account=<SAM>", ""),
        refused(OBJECT, "GET", "/context-mappings?id=<MAPPING_OF_TOOL>", ""),
        refused(OBJECT, "GET", "/context-mappings?id=<MAPPING_OF_ACCOUNT>", ""),
        refused(TOOL, "POST", PATH, of_tool),
        refused(ACCOUNT, "POST", PATH, of_account),
        refused(OBJECT, "PUT", PATH, r#"{"id":"<MAPPING_OF_TOOL>","externalId":"e"}"#),
        refused(OBJECT, "PUT", PATH, r#"{"id":"<MAPPING_OF_ACCOUNT>","externalId":"e"}"#),
        refused(OBJECT, "DELETE", PATH, r#"{"id":"<MAPPING_OF_TOOL>"}"#),
        refused(OBJECT, "DELETE", PATH, r#"{"id":"<MAPPING_OF_ACCOUNT>"}"#),
        refused(TOOL, "POST", BULK, bulk_of_tool),
        refused(ACCOUNT, "POST", BULK, bulk_of_account),
        refused(OBJECT, "DELETE", BULK, r#"{"ids":["<MAPPING_OF_TOOL>"]}"#),
        refused(OBJECT, "DELETE", BULK, r#"{"ids":["<MAPPING_OF_ACCOUNT>"]}"#),
        refused(TOOL, "GET", "/context-mappings/lookup?agentId=a&tool=slack&contextKey=HIDDEN", ""),
        refused(TOOL, "GET", "/context-mappings/lookup?agentId=a&tool=slack&externalId=HIDDEN", ""),
        refused(ACCOUNT, "GET", "/context-mappings/lookup?agentId=a&tool=gmail&account=<SAM>&contextKey=HIDDEN", ""),
        refused(ACCOUNT, "GET", "/context-mappings/lookup?agentId=a&tool=gmail&account=<SAM>&externalId=HIDDEN", ""),
    ]
}

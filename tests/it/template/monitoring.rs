//! Alarms, the dashboard, and log groups.

use std::collections::{BTreeMap, BTreeSet};

use engine::adapters;
use engine::metrics::{Metric, NAMESPACE};
use serde_json::{Value, json};

use super::stack::{Stack, list, referenced_id};
use crate::support::{assert_same, text};

/// Alarms on AWS metrics: id, namespace and metric.
const AWS_ALARMS: [(&str, &str, &str); 6] = [
    ("ApiErrorsAlarm", "AWS/ApiGateway", "5xx"),
    ("ApiRefusalsAlarm", "AWS/ApiGateway", "4xx"),
    ("ChargesAlarm", "AWS/Billing", "EstimatedCharges"),
    ("ThrottlesAlarm", "AWS/Lambda", "Throttles"),
    ("ProcessDueTasksErrorsAlarm", "AWS/Lambda", "Errors"),
    ("ProcessorFailuresAlarm", "AWS/SQS", "ApproximateNumberOfMessagesVisible"),
];
/// Alarms on the engine's metrics, one per tool: suffix of the id, metric and outcome.
const ENGINE_ALARMS: [(&str, Metric, &str); 3] = [
    ("LatenessAlarm", Metric::Lateness, "initial"),
    ("CircuitBreakerAlarm", Metric::CircuitBreakerChanges, "opened"),
    ("ReauthorisationAlarm", Metric::Refreshes, "revoked"),
];

/// The alarm on a metric that the template makes from the access log.
const LIMITS_ALARM: &str = "ApiLimitsAlarm";

fn alarms(stack: &Stack) -> BTreeMap<&str, &Value> {
    stack.of_type("AWS::CloudWatch::Alarm").collect()
}

/// The dashboard's body, with the template's references not substituted.
fn dashboard(stack: &Stack) -> Value {
    let boards: Vec<_> = stack.of_type("AWS::CloudWatch::Dashboard").collect();
    let [(id, board)] = boards[..] else { panic!("one dashboard is expected") };
    let body = board["DashboardBody"]["Fn::Sub"].as_str().unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{id}: DashboardBody is not JSON: {error}"))
}

#[test]
fn each_alarm_watches_what_its_row_says() {
    let stack = Stack::read();
    let mut expected = BTreeMap::new();
    for (id, namespace, metric) in AWS_ALARMS {
        expected.insert(id.to_owned(), (namespace, metric, None));
    }
    for (name, metric, outcome) in ENGINE_ALARMS {
        for tool in adapters::ALL.iter().map(|adapter| adapter.tool.as_str()) {
            let id = format!("{}{}{name}", tool[..1].to_uppercase(), &tool[1..]);
            let dimensions = json!([{ "Name": "tool", "Value": tool }, { "Name": "outcome", "Value": outcome }]);
            expected.insert(id, (NAMESPACE, metric.name(), Some(dimensions)));
        }
    }
    let mut alarms = alarms(&stack);
    assert!(alarms.remove(LIMITS_ALARM).is_some(), "{LIMITS_ALARM}");
    let defined = alarms.keys().map(|id| (*id).to_owned()).collect();
    assert_same("alarms in the template", &defined, "rows", &expected.keys().cloned().collect());
    for (id, (namespace, metric, dimensions)) in expected {
        let alarm = alarms[id.as_str()];
        assert_eq!((&alarm["Namespace"], &alarm["MetricName"]), (&json!(namespace), &json!(metric)), "{id}");
        assert!(dimensions.is_none_or(|of| alarm["Dimensions"] == of), "{id}: Dimensions");
        let actions = json!({"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]});
        assert_eq!(alarm["AlarmActions"], actions, "{id}: AlarmActions");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{id}: missing data is no alarm");
        let is_parameter = alarm["Threshold"] == json!({"Ref": "ChargesLimit"});
        assert!(is_parameter || alarm["Threshold"].as_i64().is_some_and(|at| at > 0), "{id}: Threshold");
    }
}

#[test]
fn requests_over_a_limit_are_counted_from_the_access_log() {
    let stack = Stack::read();
    let filter = stack.resource("AWS::Logs::MetricFilter", "ApiLimitsMetric");
    assert_eq!(referenced_id(&filter["LogGroupName"]), Some("ApiLogGroup"));
    assert_eq!(filter["FilterPattern"], r#"{ $.status = "429" }"#);
    // The log's format has the status as text.
    let (_, stage) = stack.of_type("AWS::ApiGatewayV2::Stage").next().expect("a stage");
    let format = stage["AccessLogSettings"]["Format"].as_str().unwrap_or_default();
    assert!(format.contains(r#""status":"$context.status""#), "{format}");
    let (alarm, metric) = (&alarms(&stack)[LIMITS_ALARM], &filter["MetricTransformations"][0]);
    assert_eq!((&alarm["Namespace"], &alarm["MetricName"]), (&metric["MetricNamespace"], &metric["MetricName"]));
    assert!(alarm["Threshold"].as_i64().is_some_and(|at| at > 0), "Threshold");
}

#[test]
fn charges_are_watched_only_where_aws_has_the_metric() {
    let stack = Stack::read();
    let (_, alarm) = stack.resources().find(|(id, _)| *id == "ChargesAlarm").expect("the alarm");
    assert_eq!(alarm["Condition"], "HasChargesLimit");
    let rule = stack.rule("ChargesAlarmRegion");
    assert_eq!(rule["Assertions"][0]["Assert"], json!({"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}));
    assert_eq!(stack.parameter("ChargesLimit")["Default"], "");
}

#[test]
fn the_outcomes_of_alarms_are_documented() {
    let guide = text("functions/README.md");
    for (name, metric, outcome) in ENGINE_ALARMS {
        let metric = metric.name();
        let row = guide.lines().find(|line| line.starts_with(&format!("| `{metric}` |")));
        let row = row.unwrap_or_else(|| panic!("functions/README.md has no row for {metric}"));
        assert!(row.contains(&format!("`{outcome}`")), "{name}: {metric} has no outcome {outcome}: {row}");
    }
}

#[test]
fn the_dashboard_shows_every_metric() {
    let body = dashboard(&Stack::read()).to_string();
    for metric in Metric::ALL {
        let searched = format!("SEARCH('{{{NAMESPACE},tool,outcome}} MetricName=\\\"{}\\\"'", metric.name());
        assert!(body.contains(&searched), "the dashboard lacks {}: {searched} in {body}", metric.name());
    }
}

#[test]
fn the_widgets_of_the_dashboard_do_not_overlap() {
    let board = dashboard(&Stack::read());
    let mut occupied = BTreeSet::new();
    for widget in list(&board["widgets"]) {
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| widget[name].as_i64().unwrap_or_default());
        assert!(x + width <= 24, "the grid is 24 wide: {widget}");
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(occupied.insert(cell), "{widget} overlaps another");
        }
    }
    assert!(!occupied.is_empty(), "the dashboard is empty");
}

#[test]
fn every_log_group_uses_the_retention_parameter() {
    let stack = Stack::read();
    let groups: BTreeMap<&str, &Value> = stack.of_type("AWS::Logs::LogGroup").collect();
    for (id, group) in &groups {
        assert_eq!(group["RetentionInDays"], json!({"Ref": "LogRetentionDays"}), "{id}: RetentionInDays");
    }
    // They have the audit log, which must survive the stack.
    for (id, group) in stack.resources().filter(|(_, it)| it["Type"] == "AWS::Logs::LogGroup") {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            assert_eq!(group[policy], json!({"Fn::If": ["IsProd", "Retain", "Delete"]}), "{id}: {policy}");
        }
    }
    let functions = stack.of_type("AWS::Serverless::Function").map(|(_, it)| &it["LoggingConfig"]["LogGroup"]);
    let stages = stack.of_type("AWS::ApiGatewayV2::Stage").map(|(_, it)| &it["AccessLogSettings"]["DestinationArn"]);
    let used: BTreeSet<String> =
        functions.chain(stages).map(|group| referenced_id(group).unwrap_or_default().to_owned()).collect();
    assert_same("logs", &used, "log groups", &groups.keys().map(|id| (*id).to_owned()).collect());
}

/// The log groups of routed functions, and those with a subscription that passes the audit lines on.
fn audited(stack: &Stack) -> (BTreeSet<String>, BTreeSet<String>) {
    let group = |value: &Value| referenced_id(value).unwrap_or_default().to_owned();
    let routed: BTreeSet<String> = stack.routes().into_iter().map(|(_, _, function)| function).collect();
    let names = stack.functions();
    let functions = stack.of_type("AWS::Serverless::Function").filter(|(id, _)| routed.contains(names[id]));
    let groups = functions.map(|(_, function)| group(&function["LoggingConfig"]["LogGroup"])).collect();
    let expected = json!({
        "FilterPattern": r#"{ $.target = "audit" }"#,
        "DestinationArn": {"Ref": "AuditStreamArn"},
        "RoleArn": {"Fn::GetAtt": ["AuditRole", "Arn"]},
    });
    let subscriptions = stack.resources().filter(|(_, it)| it["Type"] == "AWS::Logs::SubscriptionFilter");
    let complete = subscriptions.filter(|(_, subscription)| {
        let mut properties = subscription["Properties"].clone();
        properties.as_object_mut().and_then(|properties| properties.remove("LogGroupName"));
        subscription["Condition"] == "HasAuditStream" && properties == expected
    });
    (groups, complete.map(|(_, subscription)| group(&subscription["Properties"]["LogGroupName"])).collect())
}

#[test]
fn the_audit_lines_of_every_route_reach_the_audit_stream() {
    let (routed, audited_groups) = audited(&Stack::read());
    assert_same("log groups of routed functions", &routed, "log groups with a subscription", &audited_groups);
    let (routed, audited_groups) = audited(&Stack::planted(r#"$.target = "audit""#, r#"$.level = "INFO""#));
    assert_eq!(routed.len(), audited_groups.len() + 1, "the planted fault is reported");
}

#[test]
fn the_output_is_the_redirect_uri_the_functions_use() {
    let stack = Stack::read();
    let used = stack.environment(&Value::Null)["PLUGIN_ENGINE_OAUTH_REDIRECT_URI"];
    assert_eq!(stack.output("OauthRedirectUri"), used);
    let paths = list(&used["Fn::If"]).iter().filter_map(|it| it["Fn::Sub"].as_str());
    let paths: Vec<_> = paths.map(|uri| uri.ends_with("/api/plugin-engine/oauth/callback")).collect();
    assert_eq!(paths, [true, true], "{used}");
}

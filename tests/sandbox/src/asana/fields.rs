//! Query parameters, field selection and paging.

use serde_json::{Map, Value, json};

use super::{ErrorResponse, bad_request};
use crate::http::{ApiRequest, ApiResponse};

/// Parameters that every route accepts. `body` and `limit` are sent by Asana's own Python client on any route, so Asana must
/// ignore them.
const COMMON_PARAMETERS: [&str; 4] = ["opt_fields", "opt_pretty", "body", "limit"];

/// Rejects query parameters that are neither in `parameters` nor common to all routes.
pub(crate) fn reject_unknown_parameters(request: &ApiRequest, parameters: &[&str]) -> Result<(), ErrorResponse> {
    let known = |name: &str| parameters.contains(&name) || COMMON_PARAMETERS.contains(&name);
    match request.query.iter().find(|(name, _)| !known(name)) {
        Some((name, _)) => Err(bad_request(&format!("{name}: Not a recognized parameter"))),
        None => Ok(()),
    }
}

/// Parses a boolean parameter; Python's `True` and `False` are accepted too.
pub(crate) fn boolean_parameter(request: &ApiRequest, name: &str) -> Result<Option<bool>, ErrorResponse> {
    let read = |text: &str| {
        text.to_ascii_lowercase().parse().map_err(|_| bad_request(&format!("{name}: Value is not a boolean")))
    };
    request.query(name).map(read).transpose()
}

/// Parses a timestamp parameter (or `now`) to unix milliseconds.
pub(crate) fn instant_parameter(request: &ApiRequest, name: &str, now: i64) -> Result<Option<i64>, ErrorResponse> {
    let read = |text: &str| match text {
        "now" => Ok(now),
        _ => text
            .parse()
            .map(jiff::Timestamp::as_millisecond)
            .map_err(|_| bad_request(&format!("{name}: Value is not a valid datetime"))),
    };
    request.query(name).map(read).transpose()
}

/// Parses `limit`, the page size from 1 to 100.
pub(crate) fn limit_parameter(request: &ApiRequest) -> Result<Option<usize>, ErrorResponse> {
    let read = |text: &str| text.parse().ok().filter(|limit| (1..=100).contains(limit));
    request.query("limit").map(|text| read(text).ok_or_else(|| bad_request("limit: Must be 1 to 100"))).transpose()
}

/// Returns the fields named by `opt_fields` (a dot selects a nested field), or the whole record without it.
pub(crate) fn select_fields(request: &ApiRequest, record: &Value) -> Value {
    match opt_fields(request) {
        Some(fields) => project_fields(record, &fields),
        None => record.clone(),
    }
}

/// Returns a record as lists show it: the fields named by `opt_fields`, or the compact default.
pub(crate) fn compact(request: &ApiRequest, record: &Value) -> Value {
    match opt_fields(request) {
        Some(fields) => project_fields(record, &fields),
        None => project_fields(record, &["name".to_owned(), "resource_type".to_owned(), "resource_subtype".to_owned()]),
    }
}

fn opt_fields(request: &ApiRequest) -> Option<Vec<String>> {
    let names = request.query("opt_fields")?;
    Some(names.split(',').map(|field| field.trim().to_owned()).filter(|field| !field.is_empty()).collect())
}

/// Selects `gid`, the named fields and, for names with a dot, their nested fields. A nested record named as a whole is copied as
/// it is stored.
fn project_fields(record: &Value, fields: &[String]) -> Value {
    match record {
        Value::Array(all) => all.iter().map(|one| project_fields(one, fields)).collect(),
        Value::Object(record) => {
            let mut selected = Map::new();
            if let Some(gid) = record.get("gid") {
                selected.insert("gid".to_owned(), gid.clone());
            }
            for (name, value) in record {
                let prefix = format!("{name}.");
                let below: Vec<String> =
                    fields.iter().filter_map(|field| field.strip_prefix(&prefix)).map(str::to_owned).collect();
                if !below.is_empty() {
                    selected.insert(name.clone(), project_fields(value, &below));
                } else if fields.iter().any(|field| field == name) {
                    selected.insert(name.clone(), value.clone());
                }
            }
            Value::Object(selected)
        }
        other => other.clone(),
    }
}

/// Builds a list response of compact records. With `limit` (1 to 100) it is paged; `next_page` is null on the last page
/// (<https://developers.asana.com/docs/pagination>).
pub(crate) fn list_response(
    request: &ApiRequest,
    base_url: &str,
    path: &str,
    records: &[Value],
) -> Result<ApiResponse, ErrorResponse> {
    let Some(limit) = limit_parameter(request)? else {
        let data: Vec<Value> = records.iter().map(|record| compact(request, record)).collect();
        return Ok(ApiResponse::json(200, json!({"data": data})));
    };
    let expired = || bad_request("offset: Your pagination token has expired.");
    let start = match request.query("offset") {
        None => 0,
        Some(offset) => offset.strip_prefix("page-").and_then(|start| start.parse().ok()).ok_or_else(expired)?,
    };
    let page = crate::http::paginate(records.iter().collect::<Vec<_>>(), start, limit);
    let data: Vec<Value> = page.items.into_iter().map(|record| compact(request, record)).collect();
    let next_page = page.next.map(|next| {
        let parameters = request.query.iter().filter(|(name, _)| name != "offset");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        parameters.for_each(|(name, value)| {
            query.append_pair(name, value);
        });
        query.append_pair("offset", &format!("page-{next}"));
        let path = format!("{path}?{}", query.finish());
        json!({"offset": format!("page-{next}"), "uri": format!("{base_url}/asana/api/1.0{path}"), "path": path})
    });
    Ok(ApiResponse::json(200, json!({"data": data, "next_page": next_page})))
}

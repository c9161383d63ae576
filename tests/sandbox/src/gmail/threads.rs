//! Threads and the profile.

use serde_json::{Value, json};

use super::mailbox::Message;
use super::messages::{format, max_results, page_token, select};
use super::{account, bad, not_found, scope, validation};
use crate::http::{Answer, Call, Reply, page};
use crate::state::World;

/// `threads.list`: the threads of the matching messages, newest first.
pub(crate) fn list(world: &mut World, call: &Call) -> Reply {
    let found = select(world, call)?;
    let (limit, start) = (max_results(call)?, page_token(call)?);
    let mut threads: Vec<Value> = Vec::new();
    for message in &found {
        if !threads.iter().any(|thread| thread["id"] == message.thread_id.as_str()) {
            let shown = message.show("minimal", &[]);
            threads
                .push(json!({"id": message.thread_id, "snippet": shown["snippet"], "historyId": shown["historyId"]}));
        }
    }
    let (threads, next) = page(threads, start, limit);
    let mut reply = json!({"resultSizeEstimate": threads.len()});
    if !threads.is_empty() {
        reply["threads"] = Value::Array(threads);
    }
    if let Some(next) = next {
        reply["nextPageToken"] = json!(next.to_string());
    }
    Ok(Answer::json(200, reply))
}

/// `threads.get`.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    let account = account(world, call, &scope::READ)?;
    validation::parameters(call, &["format", "metadataHeaders"])?;
    let format = format(world, call)?;
    if format == "raw" {
        return Err(bad("invalidArgument", "Invalid format"));
    }
    let mailbox = world.gmail.mailbox(&account).ok_or_else(not_found)?;
    let messages: Vec<&Message> = mailbox.thread(call.param("id")).collect();
    let last = messages.last().ok_or_else(not_found)?;
    let headers = call.queries("metadataHeaders");
    let shown: Vec<Value> = messages.iter().map(|message| message.show(format, &headers)).collect();
    Ok(Answer::json(200, json!({"id": call.param("id"), "historyId": last.history_id.to_string(), "messages": shown})))
}

/// `getProfile`.
pub(crate) fn profile(world: &mut World, call: &Call) -> Reply {
    let account = account(world, call, &scope::PROFILE)?;
    validation::parameters(call, &[])?;
    let mailbox = world.gmail.mailbox(&account).ok_or_else(not_found)?;
    let mut threads: Vec<&str> = mailbox.messages.iter().map(|message| message.thread_id.as_str()).collect();
    threads.sort_unstable();
    threads.dedup();
    Ok(Answer::json(
        200,
        json!({
            "emailAddress": mailbox.address,
            "messagesTotal": mailbox.messages.len(),
            "threadsTotal": threads.len(),
            "historyId": mailbox.history_id.to_string(),
        }),
    ))
}

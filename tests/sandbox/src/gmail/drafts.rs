//! Drafts (<https://developers.google.com/workspace/gmail/api/guides/drafts>). Sending one consumes it: its id is gone and the
//! sent message has an id of its own.

use serde_json::{Value, json};

use super::mailbox::Draft;
use super::messages::{file, format, max_results, page_token, place, read_message, send_raw};
use super::{Refused, account, bad, mail, not_found, scope, validation};
use crate::http::{Answer, Call, Reply, page};
use crate::state::World;

/// `drafts.create`.
pub(crate) fn create(world: &mut World, call: &Call) -> Reply {
    let account = account(world, call, &scope::COMPOSE)?;
    let (raw, thread) = message_of(call)?;
    let id = world.gmail.next_draft_id();
    let draft = write(world, &account, &id, raw, thread.as_deref(), "draft_created")?;
    Ok(Answer::json(200, draft))
}

/// `drafts.update`: another message takes the place of the old one.
pub(crate) fn update(world: &mut World, call: &Call) -> Reply {
    let account = account(world, call, &scope::COMPOSE)?;
    let (raw, thread) = message_of(call)?;
    let id = call.param("id");
    let mailbox = world.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    let old = mailbox.draft(id).ok_or_else(not_found)?.message_id.clone();
    let kept = mailbox.message(&old).map(|message| message.thread_id.clone());
    let alone = kept.as_deref().is_some_and(|thread| mailbox.thread(thread).count() == 1);
    // A thread that only held this draft is still the draft's thread.
    let thread = thread.or(kept.clone().filter(|_| !alone));
    let draft = write(world, &account, id, raw, thread.as_deref(), "draft_updated")?;
    if let Some(mailbox) = world.gmail.mailbox_mut(&account) {
        mailbox.remove(&old);
    }
    Ok(Answer::json(200, draft))
}

fn message_of(call: &Call) -> Result<(Vec<u8>, Option<String>), Refused> {
    let body = validation::body(call, validation::DRAFT)?;
    read_message(&body["message"])
}

fn write(
    world: &mut World,
    account: &str,
    id: &str,
    raw: Vec<u8>,
    wanted: Option<&str>,
    kind: &str,
) -> Result<Value, Refused> {
    let parsed = mail::parse(&raw).ok_or_else(|| bad("invalidArgument", "'raw' is not a message."))?;
    let thread = place(world, account, &parsed, wanted)?;
    let mut request = mail::summary(&parsed);
    if let Some(thread) = &thread {
        request["threadId"] = json!(thread);
    }
    let message = file(world, account, raw.clone(), thread, &["DRAFT"]);
    let mailbox = world.gmail.mailbox_mut(account).ok_or_else(not_found)?;
    mailbox.drafts.retain(|draft| draft.id != id);
    mailbox.drafts.push(Draft { id: id.to_owned(), message_id: message.id.clone() });
    world.record("gmail", kind, id, account, request);
    Ok(json!({"id": id, "message": message.brief()}))
}

/// `drafts.get`: 404 once it was sent or deleted.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    let account = account(world, call, &scope::DRAFTS)?;
    validation::parameters(call, &["format"])?;
    let format = format(world, call)?;
    let mailbox = world.gmail.mailbox(&account).ok_or_else(not_found)?;
    let draft = mailbox.draft(call.param("id")).ok_or_else(not_found)?;
    let message = mailbox.message(&draft.message_id).ok_or_else(not_found)?;
    let shown = message.show(format, &[]);
    Ok(Answer::json(200, json!({"id": draft.id, "message": shown})))
}

/// `drafts.list`, newest first.
pub(crate) fn list(world: &mut World, call: &Call) -> Reply {
    let account = account(world, call, &scope::DRAFTS)?;
    validation::parameters(call, &["maxResults", "pageToken", "q", "includeSpamTrash"])?;
    let (limit, start) = (max_results(call)?, page_token(call)?);
    let mailbox = world.gmail.mailbox(&account).ok_or_else(not_found)?;
    let query = super::search::Query::parse(call.query("q").unwrap_or(""), mailbox, world.clock.millis());
    let shown = mailbox.drafts.iter().rev().filter_map(|draft| {
        let message = mailbox.message(&draft.message_id).filter(|message| query.matches(message))?;
        Some(json!({"id": draft.id, "message": message.reference()}))
    });
    let (drafts, next) = page(shown.collect(), start, limit);
    let mut reply = json!({"resultSizeEstimate": drafts.len()});
    if !drafts.is_empty() {
        reply["drafts"] = Value::Array(drafts);
    }
    if let Some(next) = next {
        reply["nextPageToken"] = json!(next.to_string());
    }
    Ok(Answer::json(200, reply))
}

/// `drafts.delete`: for good, not to the trash.
pub(crate) fn delete(world: &mut World, call: &Call) -> Reply {
    let account = account(world, call, &scope::COMPOSE)?;
    validation::parameters(call, &[])?;
    let id = call.param("id");
    take(world, &account, id)?;
    world.record("gmail", "draft_deleted", id, &account, json!({"id": id}));
    Ok(Answer::empty(204))
}

/// `drafts.send`: the stored message, or another one sent along with the id.
pub(crate) fn send(world: &mut World, call: &Call) -> Reply {
    let account = account(world, call, &scope::COMPOSE)?;
    let body = validation::body(call, validation::DRAFT)?;
    let id = body["id"].as_str().ok_or_else(|| bad("invalidArgument", "Missing draft id"))?;
    let mailbox = world.gmail.mailbox(&account).ok_or_else(not_found)?;
    let draft = mailbox.draft(id).ok_or_else(not_found)?;
    let stored = mailbox.message(&draft.message_id).ok_or_else(not_found)?.clone();
    let raw = if body["message"]["raw"].is_string() { read_message(&body["message"])?.0 } else { stored.raw.clone() };
    // Sent first: a mail that is refused leaves its draft where it was.
    let sent = send_raw(world, &account, &raw, Some(stored.thread_id))?;
    take(world, &account, id)?;
    Ok(Answer::json(200, sent))
}

/// Removes a draft and its message.
fn take(world: &mut World, account: &str, id: &str) -> Result<(), Refused> {
    let mailbox = world.gmail.mailbox_mut(account).ok_or_else(not_found)?;
    let index = mailbox.drafts.iter().position(|draft| draft.id == id).ok_or_else(not_found)?;
    let draft = mailbox.drafts.remove(index);
    mailbox.remove(&draft.message_id);
    Ok(())
}

//! The methods of the Web API, with their scopes and arguments.

use serde_json::Value;

use super::args::Arguments;
use super::{Caller, channels, chat, conversations, files, members, messages, oauth, search, users};
use crate::state::SandboxState;

/// A Web API method.
pub(super) struct Method {
    pub(super) name: &'static str,
    /// The required scope; channel methods check theirs by the kind of channel.
    pub(super) scope: Option<&'static str>,
    /// True if only a person's token can call the method.
    pub(super) needs_person: bool,
    /// True if the method accepts JSON bodies.
    pub(super) accepts_json: bool,
    /// The known arguments, in the form of [`Arguments::reject_undocumented`].
    pub(super) arguments: &'static str,
    pub(super) handler: fn(&mut SandboxState, &Caller, &Arguments) -> Result<Value, Value>,
}

const fn method(
    name: &'static str,
    scope: Option<&'static str>,
    json: bool,
    args: &'static str,
    run: fn(&mut SandboxState, &Caller, &Arguments) -> Result<Value, Value>,
) -> Method {
    Method { name, scope, needs_person: false, accepts_json: json, arguments: args, handler: run }
}

/// A method of the person's token only, such as `search.messages`.
const fn for_person(method: Method) -> Method {
    Method { needs_person: true, ..method }
}

/// Arguments of `chat.postMessage`.
const POST_ARGUMENTS: &str = "channel text blocks{} attachments{} markdown_text metadata{} thread_ts reply_broadcast? unfurl_links? \
                    unfurl_media? link_names? parse mrkdwn? username icon_emoji icon_url as_user?";
const EPHEMERAL_ARGUMENTS: &str = "channel user text blocks{} attachments{} markdown_text metadata{} thread_ts link_names? parse username \
                         icon_emoji icon_url as_user?";
const SCHEDULE_ARGUMENTS: &str = "channel text blocks{} attachments{} markdown_text metadata{} thread_ts reply_broadcast? unfurl_links? \
                        unfurl_media? link_names? parse as_user? post_at#";
const UPDATE_ARGUMENTS: &str = "channel ts text blocks{} attachments{} markdown_text metadata{} reply_broadcast? link_names? parse \
                      as_user? file_ids{}";
const HISTORY_ARGUMENTS: &str = "channel ts cursor include_all_metadata? inclusive? latest oldest limit#";
const LIST_ARGUMENTS: &str = "cursor exclude_archived? exclude_muted? limit# team_id types user";
const SEARCH_ARGUMENTS: &str = "query count# page# cursor highlight? sort sort_dir team_id";
const LIST_FILES_ARGUMENTS: &str = "channel count# page# show_files_hidden_by_limit? team_id ts_from ts_to types user";
const COMPLETE_UPLOAD_ARGUMENTS: &str =
    "files{} channel_id thread_ts channels initial_comment blocks{} username icon_url icon_emoji";

pub(super) const METHODS: [Method; 40] = [
    method("auth.test", None, true, "", users::auth_test),
    method(REVOKE, None, false, "test?", oauth::revoke),
    method("apps.uninstall", None, false, "client_id client_secret", oauth::uninstall),
    method("chat.postMessage", Some("chat:write"), true, POST_ARGUMENTS, chat::post_message),
    method("chat.postEphemeral", Some("chat:write"), true, EPHEMERAL_ARGUMENTS, chat::post_ephemeral),
    method("chat.scheduleMessage", Some("chat:write"), true, SCHEDULE_ARGUMENTS, chat::schedule_message),
    method(
        "chat.scheduledMessages.list",
        None,
        true,
        "channel cursor latest oldest limit# team_id",
        chat::list_scheduled,
    ),
    method(
        "chat.deleteScheduledMessage",
        Some("chat:write"),
        true,
        "channel scheduled_message_id as_user?",
        chat::delete_scheduled,
    ),
    method("chat.getPermalink", None, false, "channel message_ts", messages::permalink),
    method("chat.update", Some("chat:write"), true, UPDATE_ARGUMENTS, messages::update),
    method("chat.delete", Some("chat:write"), true, "channel ts as_user?", messages::delete),
    method("reactions.add", Some("reactions:write"), true, "channel name timestamp", messages::add_reaction),
    method("reactions.remove", Some("reactions:write"), true, "channel name timestamp", messages::remove_reaction),
    method("pins.add", Some("pins:write"), true, "channel timestamp", messages::add_pin),
    method("pins.remove", Some("pins:write"), true, "channel timestamp", messages::remove_pin),
    method("pins.list", Some("pins:read"), false, "channel", messages::pins),
    method(
        "reactions.get",
        Some("reactions:read"),
        false,
        "channel timestamp full? file file_comment",
        messages::reactions,
    ),
    method("conversations.list", None, false, LIST_ARGUMENTS, conversations::list),
    method("conversations.info", None, false, "channel include_locale? include_num_members?", conversations::info),
    method("conversations.members", None, false, "channel cursor limit#", conversations::members),
    method("conversations.history", None, true, HISTORY_ARGUMENTS, conversations::history),
    method("conversations.replies", None, false, HISTORY_ARGUMENTS, conversations::replies),
    method("conversations.open", None, true, "channel users return_im? prevent_creation?", members::open),
    method("conversations.create", None, true, "name is_private? team_id", members::create),
    method("conversations.invite", None, true, "channel users force?", members::invite),
    method("conversations.join", None, true, "channel", members::join),
    method("conversations.setTopic", None, true, "channel topic", channels::set_topic),
    method("conversations.setPurpose", None, true, "channel purpose", channels::set_purpose),
    method("conversations.rename", None, true, "channel name", channels::rename),
    method("conversations.archive", None, true, "channel", channels::archive),
    method("conversations.leave", None, true, "channel", channels::leave),
    method("users.conversations", None, false, LIST_ARGUMENTS, conversations::list_joined),
    method("users.list", Some("users:read"), false, "cursor include_locale? limit# team_id", users::list),
    method("users.info", Some("users:read"), false, "user include_locale?", users::info),
    method("users.lookupByEmail", Some("users:read.email"), false, "email", users::lookup_by_email),
    method(
        "files.getUploadURLExternal",
        Some("files:write"),
        false,
        "filename length# snippet_type alt_txt",
        files::create_upload_url,
    ),
    method("files.completeUploadExternal", Some("files:write"), true, COMPLETE_UPLOAD_ARGUMENTS, files::complete),
    method("files.info", Some("files:read"), false, "file count# cursor limit# page#", files::info),
    method("files.list", Some("files:read"), false, LIST_FILES_ARGUMENTS, files::list),
    for_person(method("search.messages", Some("search:read"), false, SEARCH_ARGUMENTS, search::messages)),
];

/// The method that accepts a refresh token too.
pub(super) const REVOKE: &str = "auth.revoke";

//! Slack: messages, channels, people and files, with the token of the app's bot in the connected
//! workspace; a search of the whole workspace with the person's own token.

mod access;
mod account;
mod add_reaction;
mod archive_channel;
mod authorship;
mod block_mentions;
mod block_text;
mod cancel_scheduled_message;
mod channel;
mod channel_change;
mod channel_info;
mod channel_name;
mod conversation;
mod create_channel;
mod delete_message;
mod direct_message;
#[cfg(test)]
mod documented;
mod emoji;
mod failure;
mod fetch_messages;
mod fetch_thread;
mod file;
mod get_file;
mod get_message;
mod get_permalink;
mod get_reactions;
mod granted_types;
mod invite_to_channel;
mod join_channel;
mod joining;
mod leave_channel;
mod link;
mod list_channels;
mod list_files;
mod list_members;
mod list_pins;
mod list_scheduled_messages;
mod list_users;
mod lookup_user_by_email;
mod markup;
mod mention_policy;
mod message;
mod open_dm;
mod page;
mod permalink;
mod person;
mod pin_message;
mod reaction;
mod reconcile;
mod remove_reaction;
mod rename_channel;
mod same_text;
mod schedule_message;
mod scheduled_message;
mod search_messages;
mod search_workspace;
mod send_ephemeral;
mod send_message;
mod set_purpose;
mod set_topic;
mod text;
mod time;
mod unpin_message;
mod update_message;
mod upload_file;
mod user;
mod user_info;
mod user_name;
mod workspace;

use serde_json::{Value, json};

use super::action::{ActionDef, Scopes};
use super::rate_limit::LimitScope;
use super::{Adapter, ClientAuth, OAUTH2, OAuthSpec, Origin, Revoke, RevokeToken, UserTokenSpec};
use crate::http::Request;
use crate::tool::Tool;
use failure::{classify, has_code};

/// The adapter.
pub static ADAPTER: Adapter = Adapter {
    tool: Tool::new("slack"),
    description: "Sends, schedules, reads and searches messages in the connected Slack workspace, adds reactions, uploads and reads files, \
                  and manages channels and their members. Acts as the app's bot, for the connected person: private channels \
                  and direct messages are for their members.",
    api: ORIGIN,
    oauth: OAuthSpec {
        // https://docs.slack.dev/authentication/installing-with-oauth
        authorize: (ORIGIN, "/oauth/v2/authorize"),
        token: (ORIGIN, "/api/oauth.v2.access"),
        // https://docs.slack.dev/reference/methods/auth.revoke
        // An app has one bot in a workspace, whoever installed it: without token rotation a revocation ends it for all, and takes
        // it out of its channels. With rotation it ends the one token that is sent:
        // https://docs.slack.dev/authentication/using-token-rotation
        revoke: Some(Revoke {
            endpoint: (ORIGIN, "/api/auth.revoke"),
            token: RevokeToken::EachAsBearer,
            shared_grant: Some(account::grants),
        }),
        // The bot's scopes. Its token is at the top level of the response. `groups:read` and `mpim:read` also tell the members of a
        // conversation, which are asked for before it is used.
        scopes: &[
            CHAT_WRITE,
            "channels:read",
            "groups:read",
            "im:read",
            "mpim:read",
            "channels:history",
            "groups:history",
            "im:history",
            "mpim:history",
            "im:write",
            "mpim:write",
            "channels:join",
            "channels:manage",
            "groups:write",
            "users:read",
            "users:read.email",
            "reactions:read",
            "reactions:write",
            "pins:read",
            "pins:write",
            "files:write",
            "files:read",
        ],
        // https://docs.slack.dev/authentication/installing-with-oauth#user-access-tokens
        // https://docs.slack.dev/authentication/tokens
        user_token: Some(UserTokenSpec {
            scope_param: "user_scope",
            response: "/authed_user",
            prefixes: &["xoxp-", "xoxe.xoxp-"],
        }),
        scope_separator: ",",
        // Slack accepts PKCE only from apps marked as public clients. Their owner cannot undo that, and their refresh tokens
        // all expire after 30 days.
        pkce: false,
        client_auth: ClientAuth::Basic,
        account_fields: &[
            ("teamId", "/team/id"),
            ("teamName", "/team/name"),
            ("enterpriseId", "/enterprise/id"),
            ("botUserId", "/bot_user_id"),
            ("appId", "/app_id"),
            ("authedUserId", "/authed_user/id"),
        ],
        ..OAUTH2
    },
    account: account::ACCOUNT,
    headers: &[],
    // Per method, workspace and app; posting per channel: https://docs.slack.dev/apis/web-api/rate-limits/
    limit_scope: LimitScope::Method { per_channel: &["chat.postMessage"] },
    classify,
    placeholder,
    actions: &[
        ActionDef::of::<send_message::SendMessage>(),
        ActionDef::of::<send_ephemeral::SendEphemeral>(),
        ActionDef::of::<schedule_message::ScheduleMessage>(),
        ActionDef::of::<list_scheduled_messages::ListScheduledMessages>(),
        ActionDef::of::<cancel_scheduled_message::CancelScheduledMessage>(),
        ActionDef::of::<update_message::UpdateMessage>(),
        ActionDef::of::<delete_message::DeleteMessage>(),
        ActionDef::of::<fetch_messages::FetchMessages>(),
        ActionDef::of::<fetch_thread::FetchThread>(),
        ActionDef::of::<get_message::GetMessage>(),
        ActionDef::of::<get_permalink::GetPermalink>(),
        ActionDef::of::<search_messages::SearchMessages>(),
        ActionDef::of::<search_workspace::SearchWorkspace>(),
        ActionDef::of::<list_channels::ListChannels>(),
        ActionDef::of::<channel_info::ChannelInfo>(),
        ActionDef::of::<list_members::ListMembers>(),
        ActionDef::of::<create_channel::CreateChannel>(),
        ActionDef::of::<set_topic::SetTopic>(),
        ActionDef::of::<set_purpose::SetPurpose>(),
        ActionDef::of::<rename_channel::RenameChannel>(),
        ActionDef::of::<archive_channel::ArchiveChannel>(),
        ActionDef::of::<invite_to_channel::InviteToChannel>(),
        ActionDef::of::<join_channel::JoinChannel>(),
        ActionDef::of::<leave_channel::LeaveChannel>(),
        ActionDef::of::<open_dm::OpenDm>(),
        ActionDef::of::<list_users::ListUsers>(),
        ActionDef::of::<user_info::UserInfo>(),
        ActionDef::of::<lookup_user_by_email::LookupUserByEmail>(),
        ActionDef::of::<add_reaction::AddReaction>(),
        ActionDef::of::<remove_reaction::RemoveReaction>(),
        ActionDef::of::<get_reactions::GetReactions>(),
        ActionDef::of::<pin_message::PinMessage>(),
        ActionDef::of::<unpin_message::UnpinMessage>(),
        ActionDef::of::<list_pins::ListPins>(),
        ActionDef::of::<upload_file::UploadFile>(),
        ActionDef::of::<get_file::GetFile>(),
        ActionDef::of::<list_files::ListFiles>(),
    ],
};

const ORIGIN: Origin = Origin { name: "slack", url: "https://slack.com" };
/// The only origin that receives the bytes of files. <https://docs.slack.dev/messaging/working-with-files#upload>
const UPLOAD_ORIGIN: &str = "https://files.slack.com";
/// The origins that send the bytes of files, with the token: `files.slack.com`, and `files-origin.slack.com` for large organizations. Without
/// the right to a file they redirect to the page for signing in, which is at the workspace's own host.
/// <https://docs.slack.dev/reference/objects/file-object#authentication>
const FILES_ORIGIN: &str = "https://*.slack.com";

// https://docs.slack.dev/reference/scopes
const CHAT_WRITE: &str = "chat:write";

/// A channel also needs `channels:read` or `groups:read`, to find it and to check its members; a person `im:write`, an address
/// `users:read.email`. They are not listed here: each is needed for one kind only, and Slack's error names the missing scope.
const WRITE_MESSAGES_SCOPES: Scopes = &[&[CHAT_WRITE]];
/// The channel's type, which only Slack knows, decides which of them is needed.
const READ_MESSAGES_SCOPES: Scopes = &[&["channels:history", "groups:history", "im:history", "mpim:history"]];

/// The requested types decide which of them is needed.
const LIST_CHANNELS_SCOPES: Scopes = &[&["channels:read", "groups:read"]];

/// The placeholder of [`Adapter::placeholder`]. The address of an upload must have the origin that the action expects.
fn placeholder(request: &Request, _effect_key: &str) -> Value {
    let uri = request.uri();
    let host = if uri.host() == Some("slack.com") {
        "files.slack.com"
    } else {
        uri.authority().map_or("", |host| host.as_str())
    };
    match uri.path().rsplit('/').next().unwrap_or_default() {
        "conversations.open" => json!({ "ok": true, "channel": { "id": "new-conversation" } }),
        "files.getUploadURLExternal" => {
            let upload_url = format!("{}://{host}/upload/v1/new-file", uri.scheme_str().unwrap_or("https"));
            json!({ "ok": true, "upload_url": upload_url, "file_id": "new-file" })
        }
        "files.completeUploadExternal" => json!({ "ok": true, "files": [{ "id": "new-file" }] }),
        "chat.postEphemeral" => json!({ "ok": true, "message_ts": "0.000000" }),
        "chat.postMessage" | "chat.update" => json!({ "ok": true, "channel": "channel", "ts": "0.000000" }),
        "chat.scheduleMessage" => json!({ "ok": true, "channel": "channel", "scheduled_message_id": "new-message" }),
        _ => json!({ "ok": true, "channel": { "id": "new-channel" } }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::testing;

    #[test]
    fn every_action_and_field_has_a_description() {
        testing::assert_actions_described(&ADAPTER);
    }

    #[tokio::test]
    async fn a_link_to_a_message_of_another_channel_is_refused_by_every_action() {
        let link = "https://works.slack.com/archives/C0999999999/p1512085950000216";
        let mut checked = 0;
        for action in ADAPTER.actions {
            let schema = action.schema();
            let Some(field) = ["ts", "threadTs"].into_iter().find(|name| schema["properties"].get(name).is_some())
            else {
                continue;
            };
            let mut context = action.example();
            (context["channel"], context[field]) = (json!("C0123456789"), json!(link));
            let context = action.accept(context).unwrap();
            let harness = testing::ActionHarness::new(&ADAPTER, |_| Ok((200, json!({ "ok": true }))));
            let api = harness.api(action, None);
            let prepared = action.prepare(&api, &context).await;
            let refused = match prepared {
                Ok(_) => action.run(&api, &context).await.map(|_| ()),
                Err(error) => Err(error),
            };
            let reason = refused.unwrap_err().to_string();
            assert!(reason.contains("C0999999999"), "{}: {reason}", action.name);
            assert!(harness.calls().iter().all(|sent| sent.line.starts_with("GET")), "{}", action.name);
            checked += 1;
        }
        assert_eq!(checked, 14);
    }
}

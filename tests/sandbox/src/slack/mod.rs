//! Slack: two workspaces, the OAuth server and the Web API. Every response has status 200 but that of a rate
//! limit; `ok` distinguishes success and error.

mod alerts;
mod args;
mod channels;
mod chat;
mod conversations;
mod downloads;
mod file;
mod files;
mod formatting;
mod large;
mod members;
mod messages;
mod methods;
mod oauth;
mod rate_limits;
mod search;
mod seed;
mod strangeness;
mod team;
mod users;
mod workspace;

use std::ops::{Deref, DerefMut};

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::fixtures::slack;
use crate::http::{ApiRequest, ApiResponse, HandlerResult, handler};
use crate::oauth::{Grants, TokenState};
use crate::sandbox::Sandbox;
use crate::state::SandboxState;
use args::Arguments;
use file::File;
use methods::{METHODS, REVOKE};
use rate_limits::CallTimes;
use team::Team;
use workspace::{Channel, ConversationKind, Message, ScheduledMessage, User};

pub(crate) use alerts::show as show_alerts;
pub(crate) use large::add as add_long_content;
pub(crate) use oauth::{OAUTH_APP, issue, revoke_user_tokens, uninstall_from};
pub use strangeness::{OldestPage, SlackLimits, SlackStrangeness};

/// The result of opening a direct conversation.
struct DirectConversation {
    id: String,
    /// True if it was open already.
    existed: bool,
}

/// The workspaces and the tokens. It dereferences to the selected workspace, that of the request being served.
pub(crate) struct State {
    pub(crate) grants: Grants,
    workspaces: Vec<Workspace>,
    /// Index of the selected workspace.
    selected: usize,
    issued_ids: u64,
    call_times: CallTimes,
}

/// The data of one workspace.
pub(crate) struct Workspace {
    team: &'static Team,
    channels: Vec<Channel>,
    users: Vec<User>,
    scheduled: Vec<ScheduledMessage>,
    files: Vec<File>,
    /// True while the app is installed.
    installed: bool,
}

impl Deref for State {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        &self.workspaces[self.selected]
    }
}

impl DerefMut for State {
    fn deref_mut(&mut self) -> &mut Workspace {
        &mut self.workspaces[self.selected]
    }
}

impl Workspace {
    fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.id == id)
    }

    /// Finds a channel by id, or by name with or without `#`, as `chat.*` accepts them. Private channels are visible to members
    /// only.
    fn find_channel(&self, requested: &str, user: &str) -> Option<&Channel> {
        let name = requested.trim_start_matches('#');
        self.channels
            .iter()
            .filter(|channel| channel.kind == ConversationKind::Public || channel.has_member(user))
            .find(|channel| channel.id == requested || (!channel.name.is_empty() && channel.name == name))
    }

    fn has_user(&self, id: &str) -> bool {
        self.users.iter().any(|user| user.id == id)
    }

    /// Returns the direct conversation of these members.
    fn find_direct(&self, members: &[&str]) -> Option<&Channel> {
        let kind = if members.len() > 2 { ConversationKind::Group } else { ConversationKind::Direct };
        let has_members = |channel: &&Channel| {
            channel.kind == kind
                && channel.members.len() == members.len()
                && members.iter().all(|member| channel.has_member(member))
        };
        self.channels.iter().find(has_members)
    }

    /// Posts scheduled messages that are due. Not recorded as an effect: the ledger already has the scheduling.
    fn post_due(&mut self, now: i64) {
        let (due, pending) = std::mem::take(&mut self.scheduled).into_iter().partition(|one| one.post_at <= now);
        self.scheduled = pending;
        let due: Vec<ScheduledMessage> = due;
        for one in due.into_iter().filter(|one| !one.has_metadata) {
            let micros = one.post_at * 1_000_000;
            if let Some(channel) = self.channel_mut(&one.channel) {
                channel.add_message(Message::new(micros, one.thread, one.body));
            }
        }
    }

    /// Removes the app: its bot leaves all channels, and its scheduled messages are not posted.
    fn remove_app(&mut self) {
        self.installed = false;
        self.scheduled.clear();
        for channel in &mut self.channels {
            channel.members.retain(|member| *member != self.team.bot_user);
        }
    }
}

impl State {
    pub(crate) fn seeded(now: i64) -> Self {
        Self {
            grants: Grants::default(),
            workspaces: seed::workspaces(now),
            selected: 0,
            issued_ids: 0,
            call_times: CallTimes::new(),
        }
    }

    /// Selects a workspace; an unknown id selects the first one.
    fn select(&mut self, team: &str) -> &'static Team {
        self.selected = self.workspaces.iter().position(|workspace| workspace.team.id == team).unwrap_or(0);
        self.team
    }

    /// True if the app was removed from the workspace of a token.
    fn is_removed(&self, token: &str) -> bool {
        let team = self.grants.workspace_of(token);
        self.workspaces.iter().any(|workspace| Some(workspace.team.id) == team && !workspace.installed)
    }

    /// Returns the files of all workspaces.
    fn all_files_mut(&mut self) -> impl Iterator<Item = &mut File> {
        self.workspaces.iter_mut().flat_map(|workspace| &mut workspace.files)
    }

    fn next_scheduled_id(&mut self) -> String {
        self.issued_ids += 1;
        format!("Q0SCHED{:04}", self.issued_ids)
    }

    /// Returns a new id with a prefix such as `C`.
    fn next_id(&mut self, kind: &str) -> String {
        self.issued_ids += 1;
        format!("{kind}0ISSUED{:03}", self.issued_ids)
    }

    /// Returns the direct conversation of these members; creates it if they have none.
    fn open_direct(&mut self, members: &[&str], created: i64) -> DirectConversation {
        if let Some(channel) = self.find_direct(members) {
            return DirectConversation { id: channel.id.clone(), existed: true };
        }
        let kind = if members.len() > 2 { ConversationKind::Group } else { ConversationKind::Direct };
        let id = self.next_id(if kind == ConversationKind::Group { "G" } else { "D" });
        self.channels.push(Channel::new(&id, "", kind, members, created, ""));
        DirectConversation { id, existed: false }
    }
}

/// Sets the metadata of the seed's message of the bot.
pub(crate) fn set_bot_metadata(state: &mut State, metadata: serde_json::Value) {
    state.selected = 0;
    let at = workspace::parse_ts(slack::BOT_MESSAGE).unwrap_or_default();
    let channel = state.channel_mut(slack::PROJECT_UPDATES);
    if let Some(message) = channel.and_then(|channel| channel.message_mut(at)) {
        message.metadata = Some(metadata);
    }
}

/// Routes below `/slack`.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/oauth/v2/authorize", get(handler(oauth::authorize)))
        .route("/api/oauth.v2.access", get(handler(oauth::access)).post(handler(oauth::access)))
        .route("/api/{method}", get(handler(dispatch)).post(handler(dispatch)))
        .route("/upload/v1/{ticket}", post(handler(files::upload)))
        .route("/files-pri/{file}/download/{name}", get(handler(downloads::download)))
        .route("/files-origin/{file}/download/{name}", get(handler(downloads::from_origin)))
        .route("/signin", get(handler(downloads::login)))
}

/// The caller: the bot, or a person with a user token.
pub(crate) struct Caller {
    token: String,
    team: &'static Team,
    user: String,
    scopes: Vec<String>,
}

impl Caller {
    fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }

    fn is_bot(&self) -> bool {
        self.user == self.team.bot_user
    }
}

fn dispatch(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    match call_method(state, request) {
        Ok(mut reply) => {
            reply["ok"] = json!(true);
            Ok(ApiResponse::json(200, reply))
        }
        Err(Refusal::Method(body)) => Ok(ApiResponse::json(200, body)),
        Err(Refusal::RateLimited { seconds }) => {
            let response = ApiResponse::json(429, slack_error("ratelimited"));
            Err(response.header("retry-after", &seconds.to_string()))
        }
    }
}

/// A refusal of a call.
enum Refusal {
    /// The method's error, with status 200.
    Method(Value),
    /// A limit, with status 429 and the seconds to wait.
    RateLimited { seconds: i64 },
}

impl From<Value> for Refusal {
    fn from(body: Value) -> Self {
        Self::Method(body)
    }
}

fn call_method(state: &mut SandboxState, request: &ApiRequest) -> Result<Value, Refusal> {
    let method = METHODS
        .iter()
        .find(|method| method.name == request.path_param("method"))
        .ok_or_else(|| slack_error("unknown_method"))?;
    let args = Arguments::read(request, method.accepts_json);
    let now = state.clock.seconds();
    state.slack.workspaces.iter_mut().for_each(|workspace| workspace.post_due(now));
    let caller = authenticate(state, request, &args, method.name)?;
    rate_limits::count_call(state, &caller, method.name, &args).map_err(|seconds| Refusal::RateLimited { seconds })?;
    if method.needs_person && caller.is_bot() {
        return Err(slack_error("not_allowed_token_type").into());
    }
    if let Some(scope) = method.scope.filter(|scope| !caller.has_scope(scope)) {
        return Err(missing_scope(scope, &caller).into());
    }
    args.reject_undocumented(method.arguments)?;
    let needs_team =
        state.strangeness.slack.is_organization && method.arguments.split(' ').any(|name| name == "team_id");
    if needs_team && args.text("team_id").as_deref() != Some(caller.team.id) {
        return Err(slack_error("missing_argument").into());
    }
    Ok((method.handler)(state, &caller, &args)?)
}

/// Returns the caller and selects their workspace. After the app was removed, a bot's token is that of a deleted user
/// (`account_inactive`); a person's is revoked (the errors of <https://docs.slack.dev/reference/methods/auth.test>).
fn authenticate(
    state: &mut SandboxState,
    request: &ApiRequest,
    args: &Arguments,
    method: &str,
) -> Result<Caller, Value> {
    let token =
        request.bearer().map(str::to_owned).or_else(|| args.text("token")).ok_or_else(|| slack_error("not_authed"))?;
    let is_person = oauth::is_user_token(&token);
    match state.authenticate("slack", &token) {
        TokenState::Valid { grant, scopes } => {
            let team = state.slack.select(&grant.workspace);
            let user = if is_person { team.user_id(&grant.account) } else { team.bot_user }.to_owned();
            Ok(Caller { token, team, user, scopes })
        }
        TokenState::Expired => Err(slack_error("token_expired")),
        TokenState::Revoked if !is_person && state.slack.is_removed(&token) => Err(slack_error("account_inactive")),
        TokenState::Revoked => Err(slack_error("token_revoked")),
        TokenState::Unknown if method == REVOKE => oauth::owner_of_refresh_token(state, token),
        TokenState::Unknown => Err(slack_error("invalid_auth")),
    }
}

/// Builds Slack's error body.
fn slack_error(error: &str) -> Value {
    json!({"ok": false, "error": error})
}

/// Checks that the caller has one of these scopes; the error names the first.
fn require_any_scope(caller: &Caller, scopes: &[&str]) -> Result<(), Value> {
    match scopes {
        [first, ..] if !scopes.iter().any(|scope| caller.has_scope(scope)) => Err(missing_scope(first, caller)),
        _ => Ok(()),
    }
}

fn missing_scope(needed: &str, caller: &Caller) -> Value {
    json!({"ok": false, "error": "missing_scope", "needed": needed, "provided": caller.scopes.join(",")})
}

/// Parses `limit` with a default and a maximum.
fn limit(args: &Arguments, default: usize, max: usize) -> Result<usize, Value> {
    match args.text("limit") {
        None => Ok(default.min(max)),
        Some(text) => {
            text.parse().map(|requested: usize| requested.clamp(1, max)).map_err(|_| slack_error("invalid_limit"))
        }
    }
}

/// One page of a list.
struct CursorPage {
    items: Vec<Value>,
    /// Empty on the last page.
    next_cursor: String,
}

/// Returns one page of a list.
fn paginate(all: Vec<Value>, args: &Arguments, default: usize, max: usize) -> Result<CursorPage, Value> {
    let limit = limit(args, default, max)?;
    let offset = |cursor: String| cursor.strip_prefix("offset:").and_then(|number| number.parse().ok());
    let start = args.text("cursor").map_or(Some(0), offset).ok_or_else(|| slack_error("invalid_cursor"))?;
    let page = crate::http::paginate(all, start, limit);
    let next_cursor = page.next.map(|next| format!("offset:{next}")).unwrap_or_default();
    Ok(CursorPage { items: page.items, next_cursor })
}

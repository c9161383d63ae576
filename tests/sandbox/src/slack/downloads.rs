//! Downloads of files. Their host is a site for people, not a method: it needs the token, and a caller without the right gets the
//! page for signing in, with status 200 (<https://github.com/slackapi/bolt-js/issues/2585>,
//! <https://github.com/slackapi/deno-slack-sdk/issues/285>).

use super::args::Arguments;
use super::authenticate;
use super::file::File;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const LOGIN_PAGE: &str = "<!DOCTYPE html><html lang=\"en-US\"><head><title>Slack</title></head>\
                          <body><h1>Sign in to your workspace</h1></body></html>";

/// `url_private_download`, or its redirect to another host of Slack's, which needs the token too
/// (<https://github.com/openclaw/openclaw/issues/63523>, <https://github.com/NousResearch/hermes-agent/pull/114483>).
pub(crate) fn download(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    if !state.strangeness.slack.redirects_downloads {
        return from_origin(state, request);
    }
    let path = format!("{}/download/{}", request.path_param("file"), request.path_param("name"));
    let location = match is_permitted(state, request) {
        true => format!("{}/slack/files-origin/{path}", state.base_url),
        false => format!("{}/slack/signin?redir=%2Ffiles-pri%2F{}", state.base_url, path.replace('/', "%2F")),
    };
    Ok(ApiResponse::redirect(&location))
}

/// The host with the bytes.
pub(crate) fn from_origin(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    if !is_permitted(state, request) {
        return login(state, request);
    }
    let file = find(state, request).ok_or_else(|| ApiResponse::html(404, "no such file".to_owned()))?;
    let bytes = file.bytes().ok_or_else(|| ApiResponse::html(404, "no such file".to_owned()))?;
    Ok(ApiResponse::file(file.mimetype(), bytes.clone()))
}

/// The page for signing in.
pub(crate) fn login(_: &mut SandboxState, _: &ApiRequest) -> HandlerResult {
    Ok(ApiResponse::html(200, LOGIN_PAGE.to_owned()))
}

/// True if the token may read files and sees this one. It selects the workspace of the token.
fn is_permitted(state: &mut SandboxState, request: &ApiRequest) -> bool {
    let caller = authenticate(state, request, &Arguments::read(request, false), "");
    let Some(caller) = caller.ok().filter(|caller| caller.has_scope("files:read")) else { return false };
    find(state, request).is_some_and(|file| file.is_visible_to(&caller, &state.slack.channels))
}

/// Returns the file of a path in the selected workspace.
fn find<'a>(state: &'a SandboxState, request: &ApiRequest) -> Option<&'a File> {
    let (team, id) = request.path_param("file").split_once('-')?;
    let in_team = state.slack.team.id == team;
    state.slack.files.iter().find(|file| in_team && file.id == id)
}

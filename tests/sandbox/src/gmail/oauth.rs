//! Google's OAuth 2 (<https://developers.google.com/identity/protocols/oauth2/web-server>).

use serde_json::{Value, json};

use crate::http::{Answer, Call, Form, Reply};
use crate::oauth::consent::{self, Ask};
use crate::oauth::{Access, App, Code, Grant, Live, error, verifier_fits};
use crate::sandbox::Tokens;
use crate::state::World;
use crate::fixtures::{ALEX, CLIENT_SECRET, SAM, clients};

/// Google says 3599, not an hour.
const ACCESS_LIFETIME: i64 = 3_599;

const APP: App = App {
    provider: "google",
    title: "Google",
    client_id: clients::GMAIL,
    issuer: Some("https://accounts.google.com"),
    accounts: &[ALEX, SAM],
};

const SCOPES: [&str; 13] = [
    "openid",
    "email",
    "profile",
    "https://mail.google.com/",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
    "https://www.googleapis.com/auth/gmail.send",
    "https://www.googleapis.com/auth/gmail.compose",
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.readonly",
    "https://www.googleapis.com/auth/gmail.metadata",
    "https://www.googleapis.com/auth/gmail.labels",
    "https://www.googleapis.com/auth/gmail.settings.basic",
];

/// `GET /o/oauth2/v2/auth`.
pub(crate) fn authorize(world: &mut World, call: &Call) -> Reply {
    let redirect = consent::redirect_of(world, call, &APP)?;
    if call.query("response_type") != Some("code") {
        return Err(consent::refusal(&APP, "unsupported_response_type: only code is known"));
    }
    let scopes: Vec<String> = call.query("scope").unwrap_or("").split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        return Err(consent::refusal(&APP, "invalid_request: scope is missing"));
    }
    if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(consent::refusal(&APP, &format!("invalid_scope: {unknown}")));
    }
    let challenge = consent::challenge(call)
        .map_err(|()| consent::refusal(&APP, "invalid_request: code_challenge_method must be S256"))?;
    let asks_consent = call.query("prompt").unwrap_or("").split_whitespace().any(|word| word == "consent");
    let ask = Ask {
        scopes,
        user_scopes: Vec::new(),
        offline: asks_consent && call.query("access_type") == Some("offline"),
        challenge,
        login_hint: call.query("login_hint").map(str::to_owned),
    };
    consent::decide(world, call, &APP, &redirect, ask)
}

/// `POST /token`: code exchange and refresh.
pub(crate) fn token(world: &mut World, call: &Call) -> Reply {
    let form = call.form().ok_or_else(|| error(400, "invalid_request", "The body must be a form."))?;
    check_client(call, &form)?;
    match form.get("grant_type") {
        Some("authorization_code") => exchange(world, &form),
        Some("refresh_token") => refresh(world, &form),
        Some(_) => Err(error(400, "unsupported_grant_type", "Unknown grant_type.")),
        None => Err(error(400, "invalid_request", "grant_type is missing.")),
    }
}

fn check_client(call: &Call, form: &Form) -> Result<(), Answer> {
    let in_body = || Some((form.get("client_id")?.to_owned(), form.get("client_secret").unwrap_or("").to_owned()));
    match call.basic().or_else(in_body) {
        Some((id, secret)) if id == APP.client_id && secret == CLIENT_SECRET => Ok(()),
        Some(_) => Err(error(401, "invalid_client", "The client was not found or its secret is wrong.")),
        None => Err(error(400, "invalid_request", "Could not determine the client.")),
    }
}

fn exchange(world: &mut World, form: &Form) -> Reply {
    let now = world.clock.seconds();
    let value = form.get("code").ok_or_else(|| error(400, "invalid_request", "code is missing."))?;
    let code =
        world.gmail.grants.take_code(value, now).ok_or_else(|| error(400, "invalid_grant", "Malformed auth code."))?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(error(400, "redirect_uri_mismatch", "Bad Request"));
    }
    if !verifier_fits(code.challenge.as_deref(), form.get("code_verifier")) {
        return Err(error(400, "invalid_grant", "Invalid code verifier."));
    }
    let Code { grant, offline, .. } = code;
    Ok(Answer::json(200, issue_tokens(world, grant, offline)).header("cache-control", "no-store"))
}

/// Tokens for a grant that was just given, as the token endpoint words them.
fn issue_tokens(world: &mut World, grant: Grant, offline: bool) -> Value {
    let (account, scopes) = (grant.account.clone(), grant.scopes.clone());
    let number = world.gmail.grants.add_grant(grant);
    let mut reply = access(world, number, &scopes);
    if offline {
        let refresh = format!("1//0{}", world.entropy.token(40));
        world.gmail.grants.add_refresh(refresh.clone(), number, scopes.clone());
        reply["refresh_token"] = Value::from(refresh);
    }
    if scopes.iter().any(|scope| scope == "openid") {
        reply["id_token"] = Value::from(id_token(world, &account));
    }
    note(world, "token_issued", number, &json!({"grant_type": "authorization_code", "scope": scopes.join(" ")}));
    reply
}

fn access(world: &mut World, number: usize, scopes: &[String]) -> Value {
    let token = format!("ya29.{}", world.entropy.token(60));
    let expires_at = Some(world.clock.seconds() + ACCESS_LIFETIME);
    let access = Access { grant: number, scopes: scopes.to_vec(), expires_at, revoked: false };
    world.gmail.grants.add_access(token.clone(), access);
    json!({"access_token": token, "expires_in": ACCESS_LIFETIME, "scope": scopes.join(" "), "token_type": "Bearer"})
}

fn id_token(world: &World, account: &str) -> String {
    let now = world.clock.seconds();
    let claims = json!({
        "iss": "https://accounts.google.com", "aud": APP.client_id, "azp": APP.client_id, "sub": subject(account),
        "email": account, "email_verified": true, "iat": now, "exp": now + ACCESS_LIFETIME,
    });
    claims.as_object().map(|claims| world.issuer_key.sign(claims)).unwrap_or_default()
}

/// A stable number per account, as Google's `sub` is.
fn subject(account: &str) -> String {
    let index = APP.accounts.iter().position(|known| *known == account).unwrap_or(0);
    format!("10000000000000000000{}", index + 1)
}

fn refresh(world: &mut World, form: &Form) -> Reply {
    let dead = || error(400, "invalid_grant", "Token has been expired or revoked.");
    let value = form.get("refresh_token").ok_or_else(|| error(400, "invalid_request", "refresh_token is missing."))?;
    let (number, scopes) = world.gmail.grants.refreshable(value).ok_or_else(dead)?;
    // The refresh token stays; the reply holds none (the client keeps the one it has).
    let reply = access(world, number, &scopes);
    note(world, "token_refreshed", number, &json!({"grant_type": "refresh_token"}));
    Ok(Answer::json(200, reply).header("cache-control", "no-store"))
}

/// `POST /revoke`: either token ends everything the person gave this client.
pub(crate) fn revoke(world: &mut World, call: &Call) -> Reply {
    let now = world.clock.seconds();
    let form = call.form();
    let token = form.as_ref().and_then(|form| form.get("token")).or_else(|| call.query("token"));
    let token = token.ok_or_else(|| error(400, "invalid_request", "token is missing."))?;
    let number = world.gmail.grants.grant_of(token, now);
    let number = number.ok_or_else(|| error(400, "invalid_token", "Token expired or revoked."))?;
    let account = world.gmail.grants.grant(number).account.clone();
    world.gmail.grants.end_account(&account);
    note(world, "token_revoked", number, &json!({}));
    Ok(Answer::json(200, json!({})))
}

/// `GET /v1/userinfo`: the OpenID Connect one.
pub(crate) fn userinfo(world: &mut World, call: &Call) -> Reply {
    let live = call.bearer().map(|token| world.gmail.grants.live(token, world.clock.seconds()));
    let Some(Live::Yes { account, scopes }) = live else {
        return Err(error(401, "invalid_request", "Invalid Credentials"));
    };
    if !scopes.iter().any(|scope| scope == "openid" || scope.ends_with("email")) {
        return Err(error(403, "insufficient_scope", "Insufficient Permission"));
    }
    Ok(Answer::json(200, json!({"sub": subject(&account), "email": account, "email_verified": true})))
}

/// Tokens without consent, with a refresh token; `None` for people without a mailbox.
pub(crate) fn issue(world: &mut World, grant: Grant) -> Option<Tokens> {
    if !APP.accounts.contains(&grant.account.as_str()) {
        return None;
    }
    Some(Tokens::read(&issue_tokens(world, grant, true)))
}

fn note(world: &mut World, kind: &str, number: usize, request: &Value) {
    let account = world.gmail.grants.grant(number).account.clone();
    let mut request = request.clone();
    request["client_id"] = Value::from(APP.client_id);
    world.record("google", kind, &format!("grant-{}", number + 1), &account, request);
}

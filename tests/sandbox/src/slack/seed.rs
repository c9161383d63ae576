//! The workspace the sandbox starts with.

use serde_json::json;

use super::workspace::{Channel, Kind, Message, Scheduled, User, micros};
use crate::fixtures::{self, slack};

pub(crate) const TEAM_NAME: &str = "Sandbox Works";

/// The user id behind an e-mail address; Alex's for anyone unknown.
pub(crate) fn user_id(email: &str) -> &'static str {
    match email {
        fixtures::SAM => slack::SAM,
        fixtures::KIM => slack::KIM,
        _ => slack::ALEX,
    }
}

pub(crate) fn users() -> Vec<User> {
    let user = |id: &str, name: &str, real_name: &str, email: Option<&str>| User {
        id: id.to_owned(),
        name: name.to_owned(),
        real_name: real_name.to_owned(),
        email: email.map(str::to_owned),
    };
    vec![
        user(slack::ALEX, "alex", "Alex Rivera", Some(fixtures::ALEX)),
        user(slack::SAM, "sam", "Sam Okafor", Some(fixtures::SAM)),
        user(slack::KIM, "kim", "Kim Larsen", Some(fixtures::KIM)),
        user(slack::BOT_USER, "sandbot", "Sandbox Bot", None),
    ]
}

/// The channels at `now` (unix milliseconds), with a few days of talk.
pub(crate) fn channels(now: i64) -> Vec<Channel> {
    const PEOPLE: [&str; 3] = [slack::ALEX, slack::SAM, slack::KIM];
    const WITH_BOT: [&str; 4] = [slack::ALEX, slack::SAM, slack::KIM, slack::BOT_USER];
    let created = now / 1_000 - 90 * 86_400;
    let channel = |id, name, kind, members: &[&str], purpose| Channel::new(id, name, kind, members, created, purpose);
    let mut general = channel(slack::GENERAL, "general", Kind::Public, &WITH_BOT, "Everything for everyone");
    let mut random = channel(slack::RANDOM, "random", Kind::Public, &PEOPLE, "Everything else");
    let mut updates =
        channel(slack::PROJECT_UPDATES, "project-updates", Kind::Public, &WITH_BOT, "What moved and what is stuck");
    let leadership = channel(slack::LEADERSHIP, "leadership", Kind::Private, &PEOPLE[..2], "Private");
    bot_said(&mut updates);
    say(&mut general, now, 50, slack::SAM, "Good morning! The office is closed on Friday.");
    say(&mut general, now, 48, slack::ALEX, "Thanks, noted.");
    let question = say(&mut updates, now, 30, slack::KIM, "Is the launch still on the 3rd?");
    reply(&mut updates, now, 29, slack::SAM, "Yes, nothing changed.", question);
    say(&mut updates, now, 6, slack::ALEX, "Landing page is in review.");
    say(&mut random, now, 20, slack::KIM, "There is cake in the kitchen.");
    vec![general, random, updates, leadership]
}

fn say(channel: &mut Channel, now: i64, hours_ago: i64, user: &str, text: &str) -> i64 {
    post(channel, now, hours_ago, user, text, None)
}

fn reply(channel: &mut Channel, now: i64, hours_ago: i64, user: &str, text: &str, thread: i64) {
    post(channel, now, hours_ago, user, text, Some(thread));
}

fn post(channel: &mut Channel, now: i64, hours_ago: i64, user: &str, text: &str, thread: Option<i64>) -> i64 {
    let body = json!({"type": "message", "user": user, "team": slack::TEAM, "text": text});
    let micros = (now - hours_ago * 3_600_000) * 1_000;
    channel.add(Message::new(micros, thread, body))
}

/// What the app's bot said itself, long before: a message with a reply, under which it put an emoji.
fn bot_said(channel: &mut Channel) {
    let said = |user: &str, text: &str| json!({"type": "message", "user": user, "team": slack::TEAM, "text": text});
    let at = micros(slack::BOT_MESSAGE).unwrap_or_default();
    let mut body = said(slack::BOT_USER, "The launch plan is ready for review.");
    body["bot_id"] = json!(slack::BOT);
    body["app_id"] = json!(slack::APP);
    let mut message = Message::new(at, None, body);
    message.reactions.push(("eyes".to_owned(), slack::BOT_USER.to_owned()));
    channel.add(message);
    channel.add(Message::new(at + 3_600_000_000, Some(at), said(slack::KIM, "Reviewed, looks good.")));
}

/// What the app left to be posted: so far ahead that it waits whenever the sandbox starts.
pub(crate) fn scheduled(now: i64) -> Vec<Scheduled> {
    const FAR: i64 = 4_102_444_800;
    let body = json!({"type": "message", "user": slack::BOT_USER, "team": slack::TEAM, "text": "Happy new century!"});
    let (id, channel) = (slack::SCHEDULED.to_owned(), slack::GENERAL.to_owned());
    let created = now / 1_000 - 86_400;
    vec![Scheduled { id, channel, post_at: FAR, created, thread: None, has_metadata: false, body }]
}

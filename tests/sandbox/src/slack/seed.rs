//! Seed data of the workspaces.

use serde_json::json;

use super::Workspace;
use super::file;
use super::team::{self, Team};
use super::workspace::{Channel, ConversationKind, Message, Pin, Reaction, ScheduledMessage, User, parse_ts};
use crate::fixtures::slack;

/// Builds the workspaces, the default first; `now` is in unix milliseconds.
pub(crate) fn workspaces(now: i64) -> Vec<Workspace> {
    let workspace = |team, channels, scheduled, files| Workspace {
        team,
        channels,
        users: users(team),
        scheduled,
        files,
        installed: true,
    };
    vec![
        workspace(&team::WORKS, channels(now), scheduled(now), file::seeded(now)),
        workspace(&team::PARTNERS, partner_channels(now), Vec::new(), Vec::new()),
    ]
}

/// Builds the people and the bot of a workspace.
fn users(team: &Team) -> Vec<User> {
    let user = |id: &str, name: &str, real_name: &str, email: Option<&str>| User {
        id: id.to_owned(),
        name: name.to_owned(),
        real_name: real_name.to_owned(),
        email: email.map(str::to_owned),
    };
    let people = team.people.iter().map(|one| user(one.user, one.name, one.real_name, Some(one.email)));
    people.chain([user(team.bot_user, "sandbot", "Sandbox Bot", None)]).collect()
}

/// Builds the channels of the second workspace.
fn partner_channels(now: i64) -> Vec<Channel> {
    const WITH_BOT: [&str; 3] = [slack::ALEX_2, slack::KIM_2, slack::BOT_USER_2];
    let created = now / 1_000 - 60 * 86_400;
    let public = ConversationKind::Public;
    let mut general = Channel::new(slack::GENERAL_2, "general", public, &WITH_BOT, created, "All partners");
    let contracts = Channel::new(slack::CONTRACTS_2, "contracts", public, &WITH_BOT, created, "Terms and dates");
    let body = json!({"type": "message", "user": slack::KIM_2, "team": slack::TEAM_2, "text": "Welcome, partners!"});
    general.add_message(Message::new((now - 40 * 3_600_000) * 1_000, None, body));
    vec![general, contracts]
}

/// Builds the channels of the first workspace with messages of a few days; `now` is in unix milliseconds.
fn channels(now: i64) -> Vec<Channel> {
    const PEOPLE: [&str; 3] = [slack::ALEX, slack::SAM, slack::KIM];
    const WITH_BOT: [&str; 4] = [slack::ALEX, slack::SAM, slack::KIM, slack::BOT_USER];
    let created = now / 1_000 - 90 * 86_400;
    let channel = |id, name, kind, members: &[&str], purpose| Channel::new(id, name, kind, members, created, purpose);
    let mut general =
        channel(slack::GENERAL, "general", ConversationKind::Public, &WITH_BOT, "Everything for everyone");
    let mut random = channel(slack::RANDOM, "random", ConversationKind::Public, &PEOPLE, "Everything else");
    let mut updates = channel(
        slack::PROJECT_UPDATES,
        "project-updates",
        ConversationKind::Public,
        &WITH_BOT,
        "What moved and what is stuck",
    );
    updates.creator = slack::BOT_USER.to_owned();
    let leadership = channel(slack::LEADERSHIP, "leadership", ConversationKind::Private, &PEOPLE[..2], "Private");
    add_bot_thread(&mut updates);
    add_message(&mut general, now, 50, slack::SAM, "Good morning! The office is closed on Friday.");
    add_message(&mut general, now, 48, slack::ALEX, "Thanks, noted.");
    let question = add_message(&mut updates, now, 30, slack::KIM, "Is the launch still on the 3rd?");
    add_reply(&mut updates, now, 29, slack::SAM, "Yes, nothing changed.", question);
    let review = add_message(&mut updates, now, 6, slack::ALEX, "Landing page is in review.");
    if let Some(message) = updates.message_mut(review) {
        // A message has the addresses of the files too.
        let files = file::seeded(now).into_iter().map(|file| file.in_message(&team::WORKS, "https://files.slack.com"));
        message.body["files"] = files.collect();
    }
    add_message(&mut random, now, 20, slack::KIM, "There is cake in the kitchen.");
    vec![general, random, updates, leadership]
}

fn add_message(channel: &mut Channel, now: i64, hours_ago: i64, user: &str, text: &str) -> i64 {
    add_message_at(channel, now, hours_ago, user, text, None)
}

fn add_reply(channel: &mut Channel, now: i64, hours_ago: i64, user: &str, text: &str, thread: i64) {
    add_message_at(channel, now, hours_ago, user, text, Some(thread));
}

fn add_message_at(channel: &mut Channel, now: i64, hours_ago: i64, user: &str, text: &str, thread: Option<i64>) -> i64 {
    let body = json!({"type": "message", "user": user, "team": slack::TEAM, "text": text});
    let micros = (now - hours_ago * 3_600_000) * 1_000;
    channel.add_message(Message::new(micros, thread, body))
}

/// Adds an old message of the bot, with a pinned reply and the bot's reaction.
fn add_bot_thread(channel: &mut Channel) {
    let message_json =
        |user: &str, text: &str| json!({"type": "message", "user": user, "team": slack::TEAM, "text": text});
    let at = parse_ts(slack::BOT_MESSAGE).unwrap_or_default();
    let mut body = message_json(slack::BOT_USER, "The launch plan is ready for review.");
    body["bot_id"] = json!(slack::BOT);
    body["app_id"] = json!(slack::APP);
    let mut message = Message::new(at, None, body);
    message.reactions.push(Reaction { emoji: "eyes".to_owned(), user: slack::BOT_USER.to_owned() });
    channel.add_message(message);
    let replied = parse_ts(slack::PINNED_REPLY).unwrap_or_default();
    let mut reply = Message::new(replied, Some(at), message_json(slack::KIM, "Reviewed, looks good."));
    reply.pin = Some(Pin { created: replied / 1_000_000 + 60, created_by: slack::KIM.to_owned() });
    channel.add_message(reply);
}

/// Builds the seed scheduled message, so far ahead that it is always pending.
fn scheduled(now: i64) -> Vec<ScheduledMessage> {
    const FAR: i64 = 4_102_444_800;
    let body = json!({"type": "message", "user": slack::BOT_USER, "team": slack::TEAM, "text": "Happy new century!"});
    let (id, channel) = (slack::SCHEDULED.to_owned(), slack::GENERAL.to_owned());
    let created = now / 1_000 - 86_400;
    vec![ScheduledMessage { id, channel, post_at: FAR, created, thread: None, has_metadata: false, body }]
}

//! The workspaces: their ids and their people.

use crate::fixtures::{ALEX, KIM, SAM, slack};

/// A workspace, which Slack's API names a team.
#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The subdomain of its URL.
    pub(crate) domain: &'static str,
    /// The user of the app's bot here.
    pub(crate) bot_user: &'static str,
    pub(crate) bot: &'static str,
    /// Its people.
    pub(crate) people: &'static [Member],
}

/// A person in a workspace. A person has another user id in every workspace.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) email: &'static str,
    pub(crate) user: &'static str,
    pub(crate) name: &'static str,
    pub(crate) real_name: &'static str,
}

impl Team {
    /// Returns the user id of a person; the first person's for one who is not here.
    pub(crate) fn user_id(&self, email: &str) -> &'static str {
        self.people.iter().find(|member| member.email == email).unwrap_or(&self.people[0]).user
    }
}

const fn member(email: &'static str, user: &'static str, name: &'static str, real_name: &'static str) -> Member {
    Member { email, user, name, real_name }
}

/// The first workspace, the default.
pub(crate) const WORKS: Team = Team {
    id: slack::TEAM,
    name: "Sandbox Works",
    domain: "sandbox-works",
    bot_user: slack::BOT_USER,
    bot: slack::BOT,
    people: &[
        member(ALEX, slack::ALEX, "alex", "Alex Rivera"),
        member(SAM, slack::SAM, "sam", "Sam Okafor"),
        member(KIM, slack::KIM, "kim", "Kim Larsen"),
    ],
};

/// The second workspace, without Sam.
pub(crate) const PARTNERS: Team = Team {
    id: slack::TEAM_2,
    name: "Sandbox Partners",
    domain: "sandbox-partners",
    bot_user: slack::BOT_USER_2,
    bot: slack::BOT_2,
    people: &[member(ALEX, slack::ALEX_2, "alex", "Alex Rivera"), member(KIM, slack::KIM_2, "kim", "Kim Larsen")],
};

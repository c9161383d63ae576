//! The accounts of the tools: people of the sandbox, each connected by one user or by both.

use engine::account::Account;
use engine::adapters;
use engine::ids::UserId;
use engine::integrations::{PublicConnection, ReadyTokens};
use engine::vault::Tokens;
use jiff::SignedDuration;
use sandbox::fixtures::{asana, notion, slack};
use serde_json::json;

use crate::actions::TOOLS;
use crate::worker::Worker;
use crate::world::World;

/// The owner of each account, by its number.
pub(crate) const ACCOUNTS: [&str; 3] = sandbox::fixtures::PEOPLE;
/// The accounts that each user connects. Two of them have a connection of both users.
pub(crate) const CONNECTED_BY: [&[usize]; 2] = [&[0, 2], &[1, 2, 0]];
/// The labels that users give to accounts.
pub(crate) const LABELS: [&str; 2] = ["work", "home"];

/// A user's account of a tool: the owner of tokens, of a cooldown and of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ToolAccount {
    /// The number of the user.
    pub(crate) person: usize,
    /// The tool.
    pub(crate) tool: &'static str,
    /// The number of the account.
    pub(crate) account: usize,
}

/// The way in which a task names its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Not at all: the only account, or the default.
    Unnamed,
    /// By its id.
    Id(usize),
    /// By its address.
    Address(usize),
    /// By a label; another account may have it when the task is accepted.
    Label(usize),
}

impl Naming {
    /// The text in the request.
    pub(crate) fn text(self, tool: &str) -> Option<String> {
        match self {
            Self::Unnamed => None,
            // The consent of a Slack bot tells no address.
            Self::Address(account) if tool != "slack" => Some(ACCOUNTS[account].to_owned()),
            Self::Id(account) | Self::Address(account) => Some(account_id(tool, account)),
            Self::Label(label) => Some(LABELS[label].to_owned()),
        }
    }

    /// The account, if the text can mean no other one.
    pub(crate) fn account(self) -> Option<usize> {
        match self {
            Self::Id(account) | Self::Address(account) => Some(account),
            Self::Unnamed | Self::Label(_) => None,
        }
    }
}

/// The id of an account, as its provider tells it.
pub(crate) fn account_id(tool: &str, account: usize) -> String {
    match tool {
        "gmail" => format!("10000000000000000000{}", account + 1),
        "slack" => format!("{}.{}", slack::TEAM, [slack::ALEX, slack::SAM, slack::KIM][account]),
        "notion" => format!("{}.{}", notion::WORKSPACE, [notion::ALEX, notion::SAM, notion::KIM][account]),
        _ => [asana::ALEX, asana::SAM, asana::KIM][account].to_owned(),
    }
}

/// The account with an id.
pub(crate) fn account_with_id(tool: &str, id: &str) -> Option<usize> {
    (0..ACCOUNTS.len()).find(|account| account_id(tool, *account) == id)
}

/// Another account that the user connects.
pub(crate) fn other_account(person: usize, account: usize) -> usize {
    CONNECTED_BY[person].iter().copied().find(|other| *other != account).unwrap_or(account)
}

/// A new grant of an account's owner at the provider, whose tokens are recorded.
pub(crate) fn grant(world: &World, of: ToolAccount, token_lifetime: Option<i64>) -> ReadyTokens {
    let scopes = TOOLS.iter().find(|(tool, _)| *tool == of.tool).map_or(&[][..], |(_, scopes)| scopes);
    let granted = world.sandbox.grant(of.tool, ACCOUNTS[of.account], scopes).unwrap();
    for token in [&granted.access_token, &granted.refresh_token] {
        world.state().history.tokens.insert(token.clone(), of);
    }
    let tokens = Tokens::new(granted.access_token, Some(granted.refresh_token.into()));
    let expires_at = token_lifetime.map(|seconds| world.now() + SignedDuration::from_secs(seconds));
    ReadyTokens { expires_at, ..ReadyTokens::new(tokens, scopes.iter().map(|&scope| scope.to_owned()).collect()) }
}

/// Connects an account of a user with the tokens of a grant.
pub(crate) async fn connect(
    worker: &Worker,
    user: &UserId,
    of: ToolAccount,
    granted: ReadyTokens,
) -> engine::error::Result<PublicConnection> {
    let (integrations, adapter) = (&worker.engine.integrations, adapters::find(of.tool).unwrap());
    // A Slack bot's token names the bot. The consent names the person.
    if of.tool == "slack" {
        let account = json!({ "id": account_id(of.tool, of.account), "name": "Works" });
        let account: Account = serde_json::from_value(account).unwrap();
        return integrations.connect(user, adapter, account, granted).await;
    }
    integrations.connect_ready(user, adapter, granted).await
}

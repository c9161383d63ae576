//! Delegations: a user's revocable permission for a service to act for them, with some tools, actions and accounts. Without one a
//! service token is not accepted for any user.

use jiff::{SignedDuration, Timestamp};

use crate::account::{AccountId, MAX_ACCOUNT_BYTES};
use crate::adapters::{self, Adapter};
use crate::agents::{Agents, StopSummary};
use crate::clock::{self, Clock};
use crate::deployment::{Deployment, Part};
use crate::error::{Checks, Error, Result};
use crate::ids::{Creator, UserId};
use crate::nearest;
use crate::permissions::{Permissions, action_name};
use crate::tables::integrations::{ConnectionItems, Delegation, DelegationItems};
use crate::tables::{Page, PageRequest};
use crate::validate::{MAX_ID_BYTES, check_name, check_text};

/// Lifetime of a delegation without `expiresAt`.
const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Maximum lifetime, after which a forgotten delegation ends.
const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Tools and actions that a request can name. A filter of DynamoDB compares with at most 100 values.
const MAX_NAMES: usize = 100;
/// Accounts that a delegation can name: as many as a user can have of all tools.
const MAX_ACCOUNTS_OF_TOOLS: usize = 40;

/// The delegations of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Delegations {
    pub(crate) items: DelegationItems,
    pub(crate) connections: ConnectionItems,
    pub(crate) clock: Clock,
    max: usize,
}

/// A delegation in a request.
#[derive(Clone, Debug)]
pub struct NewDelegation {
    /// The service's client id.
    pub service: String,
    /// The names of the tools.
    pub tools: Vec<String>,
    /// The actions as `<tool>.<action>`; `None` for all of the tools.
    pub actions: Option<Vec<String>>,
    /// The ids of the accounts; `None` for all of the tools.
    pub accounts: Option<Vec<String>>,
    /// The end; 90 days ahead by default.
    pub until: Option<Timestamp>,
}

impl Part for Delegations {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        let table = &config.tables.integrations;
        Self {
            items: DelegationItems::new(dynamodb.clone(), table.clone()),
            connections: ConnectionItems::new(dynamodb.clone(), table.clone()),
            clock: clock.clone(),
            max: config.delegations_per_user,
        }
    }
}

/// The revocation of delegations, with what the service has planned. Apart from [`Delegations`], which every function with a route
/// has. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Revocations {
    pub(crate) delegations: Delegations,
    pub(crate) agents: Agents,
}

impl Part for Revocations {
    fn build(deployment: &Deployment) -> Self {
        Self { delegations: deployment.part::<Delegations>().clone(), agents: deployment.part::<Agents>().clone() }
    }
}

impl Revocations {
    /// Revokes a delegation, from the service's next request on, then stops what the service has planned. A request of the service
    /// that runs meanwhile may plan more: it is cancelled when it is due.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no delegation and nothing planned. After [`Error::Unavailable`] a repetition goes on.
    pub async fn revoke(&self, user: &UserId, service: &str, deadline: Timestamp) -> Result<StopSummary> {
        check_text("service", service, MAX_ID_BYTES)?;
        let Delegations { items, clock, .. } = &self.delegations;
        let revoked = items.revoke(user, service, clock.now()).await;
        if let Err(error @ (Error::Unavailable(_) | Error::Internal(_))) = revoked {
            return Err(error);
        }
        let summary = self.agents.stop_created_by(user, &Creator::Service(service.to_owned()), deadline).await?;
        // Without a delegation this completes an earlier revocation.
        if summary.is_empty() { revoked.map(|()| summary) } else { Ok(summary) }
    }
}

impl NewDelegation {
    /// Returns what the delegation permits, each name once.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an invalid service name, and for a tool or an action that does not exist.
    pub fn permissions(&self) -> Result<Permissions> {
        let Self { service, tools, actions, accounts, until: _ } = self;
        let mut checks = Checks::default();
        checks.pass(check_name("service", service, MAX_ID_BYTES));
        self.check_counts(&mut checks);
        let mut adapters: Vec<&'static Adapter> = vec![];
        for (index, tool) in tools.iter().enumerate() {
            let field = format!("tools[{index}]");
            let unknown = |error: Error| Error::invalid(&field, error.to_string());
            let known = check_text(&field, tool, MAX_ID_BYTES).and_then(|()| adapters::find(tool).map_err(unknown));
            let adapter = checks.pass(known);
            adapters.extend(adapter.filter(|adapter| adapters.iter().all(|known| known.tool != adapter.tool)));
        }
        // Beside an unknown tool nothing can be said of actions, which may be its own.
        let knows_tools = tools.iter().all(|tool| adapters::find(tool).is_ok());
        let of_adapters = |(index, action): (usize, &String)| {
            let field = format!("actions[{index}]");
            check_text(&field, action, MAX_ID_BYTES)?;
            find_action(&adapters, action).map_err(|reason| Error::invalid(field, reason))
        };
        let actions = actions
            .as_ref()
            .filter(|_| knows_tools)
            .map(|actions| distinct(actions.iter().enumerate().filter_map(|action| checks.pass(of_adapters(action)))));
        for (index, account) in accounts.iter().flatten().enumerate() {
            checks.pass(check_text(&format!("accounts[{index}]"), account, MAX_ACCOUNT_BYTES));
        }
        let accounts = accounts.as_ref().map(|ids| distinct(ids.iter().map(|id| AccountId::from_stored(id))));
        let tools = adapters.iter().map(|adapter| adapter.tool.to_string()).collect();
        checks.finish(|| Some(Permissions { tools, actions, accounts }))
    }

    fn check_counts(&self, checks: &mut Checks) {
        if self.tools.is_empty() {
            checks.pass::<()>(Err(Error::Missing(vec!["tools".to_owned()])));
        }
        let (actions, accounts) = (self.actions.as_ref().map(Vec::len), self.accounts.as_ref().map(Vec::len));
        for (field, count, max) in [
            ("tools", Some(self.tools.len()), MAX_NAMES),
            ("actions", actions, MAX_NAMES),
            ("accounts", accounts, MAX_ACCOUNTS_OF_TOOLS),
        ] {
            if field != "tools" && count == Some(0) {
                checks.pass::<()>(Err(Error::invalid(
                    field,
                    "must name at least one, or be absent for all of the tools",
                )));
            }
            if count.is_some_and(|count| count > max) {
                checks.pass::<()>(Err(Error::invalid(field, format!("must be a list of at most {max}"))));
            }
        }
    }
}

/// Returns an action of the tools by its name `<tool>.<action>`, or what is allowed.
fn find_action(adapters: &[&'static Adapter], name: &str) -> Result<String, String> {
    let parts = name.split_once('.');
    let adapter = parts.and_then(|(tool, _)| adapters.iter().find(|adapter| adapter.tool.as_str() == tool));
    // A former name of an action is accepted as well.
    if let (Some(adapter), Some((tool, action))) = (adapter, parts)
        && let Ok(action) = adapter.action(action)
    {
        return Ok(action_name(tool, action.name));
    }
    let of_adapter = |adapter: &&'static Adapter| {
        let tool = adapter.tool.as_str();
        adapter.actions.iter().map(move |action| action_name(tool, action.name))
    };
    let known: Vec<String> = adapters.iter().flat_map(of_adapter).collect();
    let question = nearest::question(name, known.iter().map(String::as_str));
    Err(format!("must be an action of the tools as <tool>.<action>{question}; there are: {}", known.join(", ")))
}

/// Returns each of the names once, in their order.
fn distinct<T: PartialEq>(names: impl Iterator<Item = T>) -> Vec<T> {
    names.fold(vec![], |mut all, name| {
        if !all.contains(&name) {
            all.push(name);
        }
        all
    })
}

impl Delegations {
    /// Permits a service to act for the user. A repeated grant replaces the earlier one as a whole. Accounts are looked up if the
    /// request names any.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an invalid service name, a tool or action that does not exist, an account that the tools do not have, and
    /// for an end in the past or more than a year ahead; [`Error::CapReached`] for a new one of a user who has as many as allowed.
    pub async fn grant(&self, user: &UserId, new: NewDelegation) -> Result<Delegation> {
        let now = self.clock.now();
        let (mut checks, expires_at) = (Checks::default(), new.until.unwrap_or(now + DEFAULT_LIFETIME));
        let permissions = checks.pass(new.permissions());
        if expires_at <= now || expires_at > now + MAX_LIFETIME {
            let reason =
                format!("must be in the future and at most a year ahead, for example {}", clock::example_after(now));
            checks.pass::<()>(Err(Error::invalid("expiresAt", reason)));
        }
        let permissions = checks.finish(|| permissions)?;
        if let Some(accounts) = &permissions.accounts {
            self.check_accounts(user, &permissions.tools, accounts).await?;
        }
        let NewDelegation { service, .. } = new;
        let ttl = expires_at.as_second();
        let delegation = Delegation { service, permissions, expires_at, created_at: now, ttl };
        self.items.put(user, &delegation, self.max).await?;
        Ok(delegation)
    }

    /// Checks that each account is one of the tools.
    async fn check_accounts(&self, user: &UserId, tools: &[String], accounts: &[AccountId]) -> Result<()> {
        let all = self.connections.load_all_accounts(user).await?;
        let of_tools = all.iter().filter(|accounts| tools.iter().any(|tool| tool == accounts.tool.as_str()));
        let known: Vec<&str> =
            of_tools.flat_map(|accounts| &accounts.connections).map(|it| it.account.id.as_str()).collect();
        let mut checks = Checks::default();
        for (index, account) in accounts.iter().enumerate() {
            if !known.contains(&account.as_str()) {
                let question = nearest::question(account.as_str(), known.iter().copied());
                let choices = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let reason = format!("must be the id of an account of these tools{question}; there are: {choices}");
                checks.pass::<()>(Err(Error::invalid(format!("accounts[{index}]"), reason)));
            }
        }
        checks.finish(|| Some(()))
    }

    /// Lists the user's delegations.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<Delegation>> {
        self.items.list(user, page, self.clock.now()).await
    }

    /// Returns the delegation to a service, if it has not ended.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn find(&self, user: &UserId, service: &str) -> Result<Option<Delegation>> {
        self.items.get(user, service, self.clock.now()).await
    }
}

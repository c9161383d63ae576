//! What users do with their accounts in a run, and the requests for runs that a connect makes.

use engine::account::AccountName;
use engine::adapters;
use engine::integrations::NameChange;
use engine::processor::{self, DueEvent};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

use crate::account_plan::{AccountStep, ToolSetup};
use crate::accounts::{self, ACCOUNTS, LABELS, ToolAccount, account_id, account_with_id};
use crate::run::{Run, truncated_debug};
use crate::worker::Worker;

/// The time after which no delayed request arrives any more.
const LAST_ARRIVAL: Duration = Duration::from_secs(20);

impl Run {
    /// Connects and names a user's accounts before the first request.
    pub(crate) async fn set_up_accounts(&self, worker: &Worker, setup: &ToolSetup) {
        let ToolSetup { person, tool, labelled, default, .. } = *setup;
        for account in setup.connected.iter().copied() {
            self.connect(worker, ToolAccount { person, tool, account }).await;
        }
        if let Some(account) = labelled.or(default) {
            let label = labelled.map(|_| LABELS[0].to_owned());
            let change = NameChange { label, default: default.map(|_| true) };
            self.rename(worker, ToolAccount { person, tool, account }, &change).await;
        }
        self.world.state().requested_runs.clear();
    }

    /// Executes a change of an account.
    pub(crate) async fn change_account(&self, of: ToolAccount, step: AccountStep) {
        let worker = self.worker(0);
        if matches!(step, AccountStep::Disconnect | AccountStep::Revoke) {
            self.world.state().history.ended_accounts.insert((of.tool, of.account));
        }
        match step {
            AccountStep::Connect => {
                self.connect(&worker, of).await;
                self.deliver_requested_runs().await;
            }
            AccountStep::Disconnect => self.disconnect(&worker, of).await,
            AccountStep::Revoke => {
                let ended = self.world.sandbox.revoke_grants_of(of.tool, ACCOUNTS[of.account]);
                self.world.trace(&format!("the owner of {of:?} revokes {ended} grants"));
            }
            AccountStep::Label(label) => {
                let label = label.map_or_else(String::new, |label| LABELS[label].to_owned());
                self.rename(&worker, of, &NameChange { label: Some(label), default: None }).await;
            }
            AccountStep::Default(on) => {
                self.rename(&worker, of, &NameChange { label: None, default: Some(on) }).await;
            }
        }
    }

    async fn connect(&self, worker: &Worker, of: ToolAccount) {
        let granted = accounts::grant(&self.world, of, self.token_lifetime);
        let connected = accounts::connect(worker, &self.people[of.person], of, granted);
        let Some(answer) = worker.invoke(&format!("connecting {of:?}"), connected).await else { return };
        self.world.trace(&format!("connecting {of:?} answered: {}", truncated_debug(&answer)));
        let Ok(connection) = answer else { return };
        let id = serde_json::to_value(&connection).unwrap_or_default()["account"]["id"].clone();
        if id != account_id(of.tool, of.account) {
            self.world.state().history.violations.push(format!("the connect of {of:?} was stored as {id}"));
        }
    }

    async fn disconnect(&self, worker: &Worker, of: ToolAccount) {
        let (adapter, name) = (adapters::find(of.tool).unwrap(), name_of(of));
        let disconnected = worker.engine.integrations.disconnect(&self.people[of.person], adapter, Some(&name));
        if let Some(answer) = worker.invoke(&format!("disconnecting {of:?}"), disconnected).await {
            self.world.trace(&format!("disconnecting {of:?} answered: {}", truncated_debug(&answer)));
        }
    }

    async fn rename(&self, worker: &Worker, of: ToolAccount, change: &NameChange) {
        let (tool, name) = (adapters::find(of.tool).unwrap().tool, name_of(of));
        let renamed = worker.naming.rename(&self.people[of.person], tool, Some(&name), change);
        if let Some(answer) = worker.invoke(&format!("naming {of:?}, {change:?}"), renamed).await {
            self.world.trace(&format!("naming {of:?} answered: {}", truncated_debug(&answer)));
        }
    }

    /// Delivers the runs that connects requested: late, twice, or not at all.
    async fn deliver_requested_runs(&self) {
        let runs = std::mem::take(&mut self.world.state().requested_runs);
        for run in runs {
            let (copies, slot, wait) = {
                let rng = &mut self.world.state().rng;
                let copies = rng.choose(&[0, 1, 1, 1, 2]);
                (copies, 1 + rng.index(self.skews.len() - 1), rng.in_range(0, 5_000))
            };
            tokio::time::sleep(Duration::from_millis(wait)).await;
            let slots = (0..copies).map(|copy| 1 + (slot + copy) % (self.skews.len() - 1));
            futures::future::join_all(slots.map(|slot| self.run_job(slot, &run))).await;
        }
    }

    async fn run_job(&self, slot: usize, job: &Value) {
        run_job(&self.worker(slot), job).await;
    }

    /// Connects the accounts of all open tasks again, after the faults have ended. The requested runs are lost for some accounts, so
    /// that the processor has to look for them itself.
    pub(crate) async fn connect_again(&self, worker: &Worker) {
        // A delayed revocation must not end a new grant.
        tokio::time::sleep(LAST_ARRIVAL).await;
        let open = self.world.rows().into_iter().filter(|row| !row.is_terminal());
        let bound = open.filter_map(|row| {
            let (number, id) = (row.task?, row.account?);
            let task = self.tasks[number];
            Some(ToolAccount { person: task.person, tool: task.tool(), account: account_with_id(task.tool(), &id)? })
        });
        for of in bound.collect::<BTreeSet<_>>() {
            self.connect(worker, of).await;
            let runs = std::mem::take(&mut self.world.state().requested_runs);
            for run in runs {
                if self.world.state().rng.chance_per_mille(500) {
                    run_job(worker, &run).await;
                }
            }
        }
    }
}

pub(crate) async fn run_job(worker: &Worker, job: &Value) {
    let event: DueEvent = serde_json::from_value(job.clone()).unwrap();
    let run = processor::run(worker.engine, event, worker.deadline());
    if let Some(summary) = worker.invoke("a requested run", run).await {
        worker.network.world.trace(&format!("{} completes it: {}", worker.network.name, truncated_debug(&summary)));
    }
}

fn name_of(of: ToolAccount) -> AccountName {
    AccountName::parse(&account_id(of.tool, of.account)).unwrap()
}

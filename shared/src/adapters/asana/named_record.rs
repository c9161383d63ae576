//! Reconciliation of projects and tags, by their name, creation time and owner.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::envelope::{Envelope, MAX_LIMIT, Ref};
use super::reconcile::{self, Candidate, Candidates};
use super::same_text;
use crate::adapters::action::{ActionOutput, Reconciliation};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// Maximum number of records of the same name whose creation time is read.
const MAX_RECORDS: usize = 10;

/// A record by its name, in a workspace.
#[derive(Clone, Copy, Debug)]
pub(super) struct NamedRecord<'a> {
    /// The type, as the typeahead calls it.
    pub(super) resource_type: &'a str,
    /// The name of its collection in a path.
    pub(super) collection: &'a str,
    /// The fields to request.
    pub(super) fields: &'a str,
    /// The id of its workspace.
    pub(super) workspace: &'a str,
    /// The name that was sent.
    pub(super) name: &'a str,
    /// The id of its owner, if it has one and the grant allows to read it.
    pub(super) owner: Option<&'a str>,
}

#[derive(Deserialize)]
struct Suggestions {
    data: Vec<Ref>,
}

impl NamedRecord<'_> {
    /// Looks for a record with this name, first by the typeahead, which answers at once, and else in the whole list: Asana says of
    /// the typeahead that it is not exhaustive, so it proves no absence. `name` returns a record's name.
    ///
    /// # Errors
    /// A failure of a call.
    pub(super) async fn reconcile<T: Candidate + DeserializeOwned, U>(
        &self,
        api: &Api<'_>,
        name: impl Fn(&T) -> Option<&str>,
        output: impl FnOnce(T) -> ActionOutput<U>,
    ) -> Result<Reconciliation<U>> {
        let suggested = if api.cursor.is_none() { self.suggested::<T>(api).await? } else { vec![] };
        if !suggested.is_empty() {
            return Ok(self.unique_record(suggested, output));
        }
        let path = ["api", "1.0", self.collection];
        let query = [("workspace", self.workspace), ("opt_fields", self.fields)];
        let has_name = |record: &T| name(record).is_some_and(|name| same_text::is_same(self.name, name));
        match reconcile::list_candidates(api, &path, &query, has_name).await? {
            Candidates::All(records) => Ok(self.unique_record(records, output)),
            Candidates::Unfinished(cursor) => Ok(Reconciliation::Unfinished(cursor)),
        }
    }

    /// Returns the records of this name that the typeahead suggests and that are not too old; none if the grant does not allow it.
    async fn suggested<T: Candidate + DeserializeOwned>(&self, api: &Api<'_>) -> Result<Vec<T>> {
        // https://developers.asana.com/reference/typeaheadforworkspace: it returns names only.
        let call = api
            .get(&["api", "1.0", "workspaces", self.workspace, "typeahead"])
            .query("resource_type", self.resource_type)
            .query("query", self.name)
            .query("count", MAX_LIMIT)
            .query("opt_fields", "name");
        let suggestions = match call.send::<Suggestions>().await {
            Err(error) if error.is_access_refused() => return Ok(vec![]),
            suggestions => suggestions?.data,
        };
        let has_name = |record: &Ref| record.name.as_ref().is_some_and(|name| same_text::is_same(self.name, name));
        let mut records = vec![];
        for suggestion in suggestions.into_iter().filter(has_name).take(MAX_RECORDS) {
            // https://developers.asana.com/reference/getproject, https://developers.asana.com/reference/gettag
            let call = api.get(&["api", "1.0", self.collection, &suggestion.gid]).query("opt_fields", self.fields);
            match call.send::<Envelope<T>>().await {
                Ok(Envelope { data: record }) => records.push(record),
                Err(error) if error.kind() == Some(Kind::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        records.retain(|record| reconcile::is_recent(api, record));
        Ok(records)
    }

    /// Reconciles by records of this name. A record that another user owns is probably not the effect's, and one without an owner
    /// is only if the connected user owns none.
    fn unique_record<T: Candidate, U>(
        &self,
        records: Vec<T>,
        output: impl FnOnce(T) -> ActionOutput<U>,
    ) -> Reconciliation<U> {
        let Some(owner) = self.owner else { return reconcile::unique_candidate(records, output) };
        if records.is_empty() {
            return Reconciliation::NotApplied;
        }
        let (own, others): (Vec<T>, Vec<T>) = records.into_iter().partition(|record| record.author() == Some(owner));
        if !own.is_empty() {
            return reconcile::unique_candidate(own, output);
        }
        match reconcile::unique_candidate(others.into_iter().filter(|record| record.author().is_none()), output) {
            Reconciliation::NotApplied => Reconciliation::Inconclusive,
            answer => answer,
        }
    }
}

//! Look-ups by name: the one object of a list that a caller means.

use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

use super::envelope::{MAX_LIMIT, Page};
use super::record::Ref;
use super::reference::WorkspaceId;
use super::workspace;
use crate::adapters::api::Call;
use crate::adapters::prelude::*;
use crate::nearest;

/// Maximum number of pages of a list that are read for a name.
const MAX_PAGES: usize = 10;
/// Maximum number of objects that a refusal lists.
const MAX_LISTED: usize = 10;

/// A list of objects by their names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directory<'a> {
    /// The name of one object.
    pub(super) noun: &'static str,
    /// The field of the caller that names it.
    pub(super) field: &'a str,
    /// The place of the list, for the cache.
    pub(super) place: &'a str,
}

/// An object of a list.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    gid: String,
    name: Option<String>,
    email: Option<String>,
    archived: Option<bool>,
    /// The name of the place in which it is.
    #[serde(skip)]
    place: Option<String>,
}

impl Entry {
    /// Returns the entry with the name of its place.
    pub(super) fn within(self, place: Option<&str>) -> Self {
        Self { place: place.map(str::to_owned), ..self }
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Returns the words by which a person and a model tell it from another.
    fn label(&self) -> String {
        let more = [self.email.as_deref(), self.place.as_deref()].into_iter().flatten();
        let more: String = more.map(|more| format!(", {more}")).collect();
        format!("{} ({}{more})", self.name(), self.gid)
    }
}

impl From<Ref> for Entry {
    fn from(Ref { gid, name }: Ref) -> Self {
        Self { gid, name, email: None, archived: None, place: None }
    }
}

/// Returns objects as entries.
pub(super) fn entries(refs: Vec<Ref>) -> Vec<Entry> {
    refs.into_iter().map(Entry::from).collect()
}

/// Forgets the names of objects of a kind: one was created, renamed or deleted.
pub(super) fn forget(api: &Api<'_>, noun: &str) {
    api.insert_lookup(&generation_key(noun), &(generation(api, noun) + 1).to_string());
}

/// Returns the number of times that names of this kind were forgotten. It is cached for as long as the names are, so that no name of an
/// earlier generation outlives it.
fn generation(api: &Api<'_>, noun: &str) -> u64 {
    api.get_lookup(&generation_key(noun)).and_then(|count| count.parse().ok()).unwrap_or_default()
}

fn generation_key(noun: &str) -> String {
    format!("generation of {noun}s")
}

/// Reads a list to its end, or up to the number of pages that a look-up reads. The flag is true at the end.
///
/// # Errors
/// A failure of a call.
pub(super) async fn read_pages<T: DeserializeOwned>(call: Call<'_>, most: usize) -> Result<(Vec<T>, bool)> {
    let (mut all, mut cursor) = (vec![], None::<String>);
    for _ in 0..most {
        let call = call.clone().lookup().query("limit", MAX_LIMIT).query_opt("offset", cursor.as_deref());
        let page: Page<T> = call.send().await?;
        cursor = page.next_cursor();
        all.extend(page.data);
        if cursor.is_none() {
            return Ok((all, true));
        }
    }
    Ok((all, false))
}

impl Directory<'_> {
    /// Returns the object of a name, which is cached for a while. `read` returns the list.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field: no object or several objects of that name; or a failure of the look-up.
    pub(super) async fn find(
        &self,
        api: &Api<'_>,
        name: &str,
        read: impl AsyncFnOnce() -> Result<Vec<Entry>>,
    ) -> Result<Ref> {
        let key = format!("{} {} {} {name}", self.noun, generation(api, self.noun), self.place);
        let known = || api.get_lookup(&key).map(|gid| Ref { gid, name: Some(name.to_owned()) });
        if let Some(known) = known() {
            return Ok(known);
        }
        // The actions of a burst ask once.
        let _turn = api.lookup_turn(&key).await;
        if let Some(known) = known() {
            return Ok(known);
        }
        let found = self.choose(name, read().await?)?;
        api.insert_lookup(&key, &found.gid);
        Ok(Ref { gid: found.gid, name: found.name })
    }

    /// Returns the one entry of a name: in the same letters, or else whatever their case. One that is archived counts only alone.
    fn choose(&self, name: &str, entries: Vec<Entry>) -> Result<Entry> {
        let refused = |reason: String| Error::invalid(format!("context.{}", self.field), reason);
        let of_name = |is_same: &dyn Fn(&str) -> bool| {
            let mut seen = BTreeSet::new();
            let is_named =
                |entry: &Entry| [&entry.name, &entry.email].into_iter().flatten().any(|known| is_same(known));
            let same = entries.iter().filter(|entry| is_named(entry) && seen.insert(entry.gid.clone()));
            let same: Vec<&Entry> = same.collect();
            let active: Vec<&Entry> = same.iter().filter(|entry| entry.archived != Some(true)).copied().collect();
            if active.is_empty() { same } else { active }
        };
        let exact = of_name(&|known| plain(known) == plain(name));
        let found = if exact.is_empty() {
            of_name(&|known| plain(known).to_lowercase() == plain(name).to_lowercase())
        } else {
            exact
        };
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => {
                let names: BTreeSet<&str> = entries.iter().map(Entry::name).filter(|name| !name.is_empty()).collect();
                let question = nearest::question(name, names.iter().copied());
                let advice = if question.is_empty() { "; use its id (gid)".to_owned() } else { question };
                Err(refused(format!("no {} that the account can see is called {name:?}{advice}", self.noun)))
            }
            several => {
                let labels: Vec<String> = several.iter().take(MAX_LISTED).map(|entry| entry.label()).collect();
                let list = labels.join(", ");
                Err(refused(format!("several {}s are called {name:?}; use the id of one: {list}", self.noun)))
            }
        }
    }
}

/// Returns the object of a name in a workspace, or else in all workspaces of the account. `list` starts the call that lists the objects of
/// one. A list that is too long to be read is searched by the typeahead, which returns names at once and is not exhaustive:
/// <https://developers.asana.com/reference/typeaheadforworkspace>
///
/// # Errors
/// As [`Directory::find`].
pub(super) async fn find_in_workspaces<'a>(
    api: &'a Api<'_>,
    (noun, field): (&'static str, &str),
    name: &str,
    workspace: Option<&WorkspaceId>,
    list: impl Fn(&str) -> Call<'a>,
) -> Result<Ref> {
    let workspaces = match workspace {
        Some(workspace) => vec![workspace::resolve(api, Some(workspace)).await?],
        None => workspace::read_all(api).await?,
    };
    let place = workspaces.iter().map(|workspace| workspace.gid.as_str()).collect::<Vec<_>>().join(" ");
    let read = async || {
        let mut entries: Vec<Entry> = vec![];
        for workspace in &workspaces {
            let (mut found, is_whole) = read_pages::<Entry>(list(&workspace.gid), MAX_PAGES).await?;
            if !is_whole {
                found.extend(suggested(api, noun, name, &workspace.gid).await?);
            }
            let place = workspace.name.as_deref().filter(|_| workspaces.len() > 1);
            entries.extend(found.into_iter().map(|entry| entry.within(place)));
        }
        Ok(entries)
    };
    Directory { noun, field, place: &place }.find(api, name, read).await
}

/// Returns what the typeahead suggests; nothing if the grant does not allow it.
async fn suggested(api: &Api<'_>, noun: &str, name: &str, workspace: &str) -> Result<Vec<Entry>> {
    let call = api.get(&["api", "1.0", "workspaces", workspace, "typeahead"]).query("resource_type", noun);
    let call = call.query("query", name).query("count", MAX_LIMIT).query("opt_fields", "name");
    match call.lookup().send::<Page<Entry>>().await {
        Err(error) if error.is_access_refused() => Ok(vec![]),
        suggestions => Ok(suggestions?.data),
    }
}

/// Returns a name with single spaces.
pub(super) fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(name: &str, entries: Value) -> Result<String, String> {
        let directory = Directory { noun: "project", field: "projectId", place: "7" };
        let chosen = directory.choose(name, serde_json::from_value(entries).unwrap());
        chosen.map(|entry| entry.gid).map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_means_the_only_object_that_has_it() {
        let web =
            json!([{ "gid": "1", "name": "Web" }, { "gid": "2", "name": "web" }, { "gid": "3", "name": "Web  site" }]);
        assert_eq!(choose("Web", web.clone()), Ok("1".to_owned()));
        assert_eq!(choose("web site", web.clone()), Ok("3".to_owned()));
        let several = choose("WEB", web.clone()).unwrap_err();
        assert!(several.contains("Web (1), web (2)") && several.contains("context.projectId"), "{several}");
        let none = choose("Website", web).unwrap_err();
        assert!(none.contains("did you mean"), "{none}");
        let archived =
            json!([{ "gid": "1", "name": "Web", "archived": true }, { "gid": "2", "name": "Web", "archived": false }]);
        assert_eq!(choose("Web", archived), Ok("2".to_owned()));
    }
}

//! People of the workspace, found by address, name or `me`.

use serde_json::Value;

use super::id::Id;
use super::list::{self, MAX_LIMIT, Results};
use super::text;
use super::user::Person;
use crate::adapters::api::Api;
use crate::adapters::choices::list_choices;
use crate::error::Result;

/// Maximum number of pages of the list of people.
const MAX_PAGES: usize = 10;
/// Maximum size of a list that is remembered.
const MAX_REMEMBERED_BYTES: usize = 32 * 1024;

/// A person's id, or the reason for people why there is none.
pub(super) type Found = std::result::Result<String, String>;

/// Finds a person by their id, e-mail address or name, in any case; `me` is who authorized the connection. The list of people is
/// remembered for a while.
///
/// # Errors
/// A failure of a call.
pub(super) async fn find(api: &Api<'_>, named: &str) -> Result<Found> {
    let named = named.trim();
    if let Some(id) = Id::parse(named) {
        return Ok(Ok(id.as_str().to_owned()));
    }
    if named.eq_ignore_ascii_case("me") {
        return find_owner(api).await;
    }
    let name = named.trim_start_matches('@').to_lowercase();
    let is_it =
        |person: &&Person| [&person.name, &person.email].into_iter().flatten().any(|own| own.to_lowercase() == name);
    // Who is not in a list that was remembered may be new.
    let people = match list_people(api, |known| known.iter().any(|person| is_it(&person))).await {
        Err(error) if error.is_access_refused() => {
            return Ok(Err(format!("\"{named}\": the connection may not read people, so name them by their ids")));
        }
        people => people?,
    };
    let Some(people) = people else {
        return Ok(Err(format!(
            "\"{named}\": there are too many people to search them all, so name them by their ids"
        )));
    };
    let found: Vec<&Person> = people.iter().filter(is_it).collect();
    Ok(match found.as_slice() {
        [person] => Ok(person.id.clone()),
        [] => Err(no_such(named, &people)),
        several => Err(format!("\"{named}\" is several people: name one by the id of {}", described(several))),
    })
}

/// The id of the person who authorized the connection.
async fn find_owner(api: &Api<'_>) -> Result<Found> {
    const LOOKUP: &str = "owner of the connection";
    if let Some(id) = api.get_lookup(LOOKUP) {
        return Ok(Ok(id));
    }
    // https://developers.notion.com/reference/get-self
    let bot: Value = api.get(&["v1", "users", "me"]).lookup().send().await?;
    Ok(match text(&bot["bot"]["owner"]["user"]["id"]) {
        Some(id) => {
            api.insert_lookup(LOOKUP, &id);
            Ok(id)
        }
        None => {
            Err("\"me\": the connection belongs to the workspace and not to a person, so name the person".to_owned())
        }
    })
}

/// Returns the people and bots of the workspace, from memory if that is enough; `None` if there are too many. Guests are not listed.
async fn list_people(api: &Api<'_>, is_enough: impl Fn(&[Person]) -> bool) -> Result<Option<Vec<Person>>> {
    const LOOKUP: &str = "people of the workspace";
    let _turn = api.lookup_turn(LOOKUP).await;
    let known = api.get_lookup(LOOKUP).and_then(|people| serde_json::from_str::<Vec<Person>>(&people).ok());
    if let Some(known) = known.filter(|known| is_enough(known)) {
        return Ok(Some(known));
    }
    let (mut people, mut cursor, mut limit) = (vec![], None, MAX_LIMIT);
    for _ in 0..MAX_PAGES {
        // https://developers.notion.com/reference/get-users
        let call = api.get(&["v1", "users"]).lookup();
        let (page, size): (Results<Value>, u32) = list::read_get(api, call, limit, cursor.as_deref()).await?;
        (cursor, limit) = (page.cursor().map(str::to_owned), size);
        people.extend(page.results.iter().filter_map(Person::of));
        if cursor.is_none() {
            match serde_json::to_string(&people) {
                Ok(stored) if stored.len() <= MAX_REMEMBERED_BYTES => api.insert_lookup(LOOKUP, &stored),
                _ => {}
            }
            return Ok(Some(people));
        }
    }
    Ok(None)
}

/// Says that there is no person of a name, and which ones are similar.
fn no_such(named: &str, people: &[Person]) -> String {
    let name = named.to_lowercase();
    let has_part = |own: &Option<String>| own.as_ref().is_some_and(|own| own.to_lowercase().contains(&name));
    let similar: Vec<&Person> =
        people.iter().filter(|person| has_part(&person.name) || has_part(&person.email)).collect();
    match similar.as_slice() {
        [] => format!("no person \"{named}\": notion_list_users returns them, and a guest is named by id"),
        similar => format!("no person \"{named}\": similar are {}", described(similar)),
    }
}

fn described(people: &[&Person]) -> String {
    let described = people.iter().map(|person| {
        let name = person.name.as_deref().unwrap_or_default();
        format!("{name} ({})", person.email.as_deref().unwrap_or(&person.id))
    });
    list_choices(described.collect::<Vec<_>>().iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{ActionHarness, SentRequest};

    #[tokio::test]
    async fn who_is_not_in_a_remembered_list_is_listed_once_more() {
        let calls = std::sync::atomic::AtomicUsize::new(0);
        let person = |id: &str, name: &str| json!({ "object": "user", "type": "person", "id": id, "name": name });
        let provider = move |_: &SentRequest| {
            let count = 1 + calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let people = [person("u1", "Ann"), person("u2", "Bob")];
            Ok((200, json!({ "results": people[..count.min(2)], "has_more": false, "next_cursor": null })))
        };
        let harness = ActionHarness::new(&ADAPTER, provider);
        let api = harness.api(ADAPTER.action("list_users").unwrap(), None);
        for (name, found, lists) in [
            ("Ann", Some("u1"), 1),
            ("ann", Some("u1"), 1),
            ("Bob", Some("u2"), 2),
            ("@bob", Some("u2"), 2),
            ("Eve", None, 3),
        ] {
            assert_eq!(find(&api, name).await.unwrap().ok().as_deref(), found, "{name}");
            assert_eq!(harness.calls().len(), lists, "{name}");
        }
    }
}

//! Model-based test: after any sequence of requests every query for a mapping agrees with a plain map.

use crate::support::TestApp;
use crate::support::builders::mapping;
use crate::support::responses::Bulk;
use engine::account::AccountId;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A few keys, so that steps collide. One key is a prefix of another, and some need encoding.
const KEYS: [&str; 4] = ["a", "ab", "b c/#?", "\u{e4}"];
const IDS: [&str; 3] = ["x", "y&z=1", "x#"];
const BASE: &str = "/context-mappings";

/// One request, or a pause. Keys and ids are indexes into the lists above.
#[derive(Clone, Debug)]
enum Step {
    Create {
        key: usize,
        id: usize,
        lifetime: Option<i64>,
    },
    Upsert(Vec<(usize, usize, Option<i64>)>),
    Update {
        key: usize,
        id: Option<usize>,
        lifetime: Option<i64>,
    },
    Delete(usize),
    DeleteMany(Vec<usize>),
    /// A pause in milliseconds.
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (key, id) = (0..KEYS.len(), 0..IDS.len());
    // Milliseconds: also less than a second, and fractions of seconds.
    let lifetime = || proptest::option::weighted(0.4, 1..5_000_i64);
    let step = prop_oneof![
        4 => (key.clone(), id.clone(), lifetime()).prop_map(|(key, id, lifetime)| Step::Create { key, id, lifetime }),
        2 => proptest::collection::vec((key.clone(), id.clone(), lifetime()), 1..4).prop_map(Step::Upsert),
        4 => (key.clone(), proptest::option::of(id), lifetime()).prop_map(|(key, id, lifetime)| Step::Update { key, id, lifetime }),
        2 => key.clone().prop_map(Step::Delete),
        1 => proptest::collection::vec(key, 1..4).prop_map(Step::DeleteMany),
        3 => (1..3_000_i64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..14)
}

/// The external id of each key, with its expiry.
type Model = BTreeMap<&'static str, (&'static str, Option<Timestamp>)>;

/// One agent in a shared deployment, with the model of its mappings.
struct ModelCheck<'a> {
    app: &'a TestApp,
    agent: String,
    account: AccountId,
    model: Model,
}

impl ModelCheck<'_> {
    fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// The expiry of a mapping. Expiry is checked in whole seconds: `None` if it would be in the past.
    fn expiry(&self, lifetime: Option<i64>) -> Option<Option<Timestamp>> {
        let end = lifetime.map(|lifetime| self.now() + SignedDuration::from_millis(lifetime));
        end.is_none_or(|end| end.as_second() > self.now().as_second()).then_some(end)
    }

    fn remove_expired(&mut self) {
        let now = self.now().as_second();
        self.model.retain(|_, (_, end)| end.is_none_or(|end| end.as_second() > now));
    }

    fn body(&self, key: usize, id: usize, lifetime: Option<i64>) -> Value {
        let mut body = mapping("notion", KEYS[key], IDS[id]);
        body["agentId"] = self.agent.as_str().into();
        if let Some(lifetime) = lifetime {
            body["expiresAt"] = (self.now() + SignedDuration::from_millis(lifetime)).to_string().into();
        }
        body
    }

    fn id(&self, key: usize) -> String {
        let agent = engine::ids::AgentId::parse(&self.agent).unwrap();
        let (tool, account) = ("notion".to_owned(), self.account.clone());
        engine::ids::MappingId { agent, tool, account, context_key: KEYS[key].to_owned() }.to_string()
    }

    fn expected(&self, key: usize, lifetime: Option<i64>) -> (u16, Option<Timestamp>) {
        match (self.model.contains_key(KEYS[key]), self.expiry(lifetime)) {
            (_, None) => (400, None),
            (true, _) => (409, None),
            (false, Some(end)) => (200, end),
        }
    }

    /// Applies a step to the deployment and to the model and compares the results.
    async fn apply(&mut self, step: Step) {
        match step {
            Step::Create { key, id, lifetime } => {
                let (status, end) = self.expected(key, lifetime);
                let created = self.app.post("u1", BASE, self.body(key, id, lifetime)).await;
                assert_eq!(created.status, status, "{}", created.body);
                if status == 200 {
                    assert_eq!(created.body["id"], self.id(key));
                    self.model.insert(KEYS[key], (IDS[id], end));
                }
            }
            Step::Upsert(mut items) => {
                // Items are processed concurrently: of two with the same key either may be written last.
                items.sort();
                items.dedup_by_key(|(key, ..)| *key);
                let bodies: Vec<Value> =
                    items.iter().map(|(key, id, lifetime)| self.body(*key, *id, *lifetime)).collect();
                let bulk = json!({ "mappings": bodies });
                let response: Bulk = self.app.post("u1", "/context-mappings/bulk", bulk).await.view();
                for (at, (key, id, lifetime)) in items.into_iter().enumerate() {
                    let end = self.expiry(lifetime);
                    assert_eq!(response.results[at].id().is_some(), end.is_some(), "{response:?}");
                    if let Some(end) = end {
                        self.model.insert(KEYS[key], (IDS[id], end));
                    }
                }
            }
            Step::Update { key, id, lifetime } => self.update(key, id, lifetime).await,
            Step::Delete(key) => {
                let status = self.app.delete("u1", &format!("{BASE}?id={}", self.id(key)), None).await.status;
                assert_eq!(status, if self.model.remove(KEYS[key]).is_some() { 200 } else { 404 });
            }
            Step::DeleteMany(mut keys) => {
                keys.sort_unstable();
                keys.dedup();
                let ids: Vec<String> = keys.iter().map(|key| self.id(*key)).collect();
                let ids = json!({ "ids": ids });
                let response: Bulk = self.app.delete("u1", "/context-mappings/bulk", Some(ids)).await.view();
                for (at, key) in keys.into_iter().enumerate() {
                    let existed = self.model.remove(KEYS[key]).is_some();
                    assert_eq!(response.results[at].id().is_some(), existed, "{response:?}");
                }
            }
            Step::Wait(milliseconds) => self.app.clock.advance(SignedDuration::from_millis(milliseconds)),
        }
        self.remove_expired();
    }

    async fn update(&mut self, key: usize, id: Option<usize>, lifetime: Option<i64>) {
        let mut change = json!({ "id": self.id(key) });
        if let Some(id) = id {
            change["externalId"] = IDS[id].into();
        }
        if let Some(lifetime) = lifetime {
            change["expiresAt"] = (self.now() + SignedDuration::from_millis(lifetime)).to_string().into();
        }
        let status = self.app.put("u1", BASE, change).await.status;
        let end = self.expiry(lifetime);
        match (self.model.get_mut(KEYS[key]), end) {
            (_, None) => assert_eq!(status, 400),
            (None, Some(_)) => assert_eq!(status, 404),
            (Some(mapping), Some(end)) => {
                assert_eq!(status, 200);
                *mapping = (id.map_or(mapping.0, |id| IDS[id]), end.or(mapping.1));
            }
        }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
        let own = [("agentId", self.agent.as_str()), ("tool", "notion")];
        let query = serde_urlencoded::to_string([&own, query].concat()).unwrap();
        let answer = self.app.get("u1", &format!("{path}?{query}")).await;
        (answer.status, answer.body)
    }

    async fn listed(&self, query: &[(&str, &str)]) -> Vec<String> {
        let (_, body) = self.get(BASE, query).await;
        let key = |mapping: &Value| mapping["contextKey"].as_str().unwrap().to_owned();
        body["mappings"].as_array().unwrap().iter().map(key).collect()
    }

    /// Asserts that every query agrees with the model.
    async fn assert_agreement(&self) {
        for (at, key) in KEYS.into_iter().enumerate() {
            let one = self.app.get("u1", &format!("{BASE}?id={}", self.id(at))).await;
            let (status, found) = self.get("/context-mappings/lookup", &[("contextKey", key)]).await;
            let known = self.model.get(key);
            assert_eq!((status, one.status), if known.is_some() { (200, 200) } else { (404, 404) }, "{key}");
            let id = known.map_or(Value::Null, |(id, _)| (*id).into());
            assert_eq!((&found["externalId"], &one.body["mapping"]["externalId"]), (&id, &id), "{key}");
        }
        for id in IDS {
            let (_, found) = self.get("/context-mappings/lookup", &[("externalId", id)]).await;
            let named = found["contextKeys"].as_array().cloned().unwrap_or_default();
            assert_eq!(named.first().unwrap_or(&Value::Null), &found["contextKey"]);
            let mut named: Vec<&str> = named.iter().filter_map(Value::as_str).collect();
            named.sort_unstable();
            let of_id = self.model.iter().filter(|(_, mapping)| mapping.0 == id);
            let keys: Vec<&str> = of_id.map(|(key, _)| *key).collect();
            assert_eq!(named, keys, "{id}");
            assert_eq!(self.listed(&[("externalId", id)]).await, keys, "{id}");
        }
        let all: Vec<&str> = self.model.keys().copied().collect();
        assert_eq!(self.listed(&[]).await, all);
        let with_prefix: Vec<&str> = all.into_iter().filter(|key| key.starts_with('a')).collect();
        assert_eq!(self.listed(&[("prefix", "a")]).await, with_prefix);
    }
}

#[test]
fn both_directions_agree_with_a_model() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let app = runtime.block_on(super::notion_app());
    let account = runtime.block_on(app.account("u1", "notion"));
    let agents = std::cell::Cell::new(0);
    let config = Config { cases: 20, failure_persistence: None, ..Config::default() };
    let checked = TestRunner::new(config).run(&steps(), |steps| {
        // Each has a minute of its own: the budgets of requests are another test's subject.
        app.advance(60);
        agents.set(agents.get() + 1);
        let mut pair = ModelCheck {
            app: &app,
            agent: format!("agent-{}", agents.get()),
            account: account.clone(),
            model: Model::new(),
        };
        runtime.block_on(async {
            for step in steps {
                pair.apply(step).await;
                pair.assert_agreement().await;
            }
        });
        Ok(())
    });
    checked.unwrap();
}

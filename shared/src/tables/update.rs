//! The update of one item, with its condition.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

use super::Item;
use super::expression::{Condition, Placeholders};

/// The update of one item: its changes, and the condition under which they are made.
#[derive(Debug, Default)]
pub(super) struct Update {
    set: String,
    remove: String,
    add: String,
    delete: String,
    condition: Option<String>,
    placeholders: Placeholders,
    /// The placeholders of the attributes that become a value, and of the values.
    assigned: Vec<(String, String)>,
    /// The placeholders of the attributes that are removed.
    removed: Vec<String>,
}

/// The parts of an update as a request takes them.
pub(super) struct UpdateExpressions {
    pub(super) update: String,
    pub(super) condition: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

/// The changes of an update that a row shows: the values that attributes have after it, and the attributes it removes.
#[derive(Debug)]
pub(super) struct Changes(Vec<(String, Option<AttributeValue>)>);

impl Changes {
    /// Returns true if a row has all the changes, and there is at least one.
    pub(super) fn are_in(&self, row: &Item) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(name, value)| row.get(name) == value.as_ref())
    }
}

impl Update {
    /// Starts with no changes.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Names an attribute by an alias in the other calls, because its name cannot be a placeholder.
    pub(super) fn alias(mut self, alias: &str, name: String) -> Self {
        self.placeholders.alias(alias, name);
        self
    }

    /// Sets an attribute.
    pub(super) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        let value = self.placeholders.value(name, value);
        let attribute = self.placeholders.name(name);
        self.assigned.push((attribute, value.clone()));
        self.assign(name, &value)
    }

    /// Sets an attribute if there is a value, and leaves it as it is otherwise.
    pub(super) fn set_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Sets an attribute if the item does not have it.
    pub(super) fn set_if_absent(mut self, name: &str, value: AttributeValue) -> Self {
        let value = self.placeholders.value(name, value);
        let value = format!("if_not_exists({}, {value})", self.placeholders.name(name));
        self.assign(name, &value)
    }

    /// Sets an attribute to the value another one had before this update.
    pub(super) fn copy(mut self, name: &str, from: &str) -> Self {
        let from = self.placeholders.name(from);
        self.assign(name, &from)
    }

    /// Appends elements to a list, which begins empty.
    pub(super) fn append(mut self, name: &str, elements: Vec<AttributeValue>) -> Self {
        let elements = self.placeholders.value(name, AttributeValue::L(elements));
        let empty = self.placeholders.value("empty", AttributeValue::L(vec![]));
        let list = format!("list_append(if_not_exists({}, {empty}), {elements})", self.placeholders.name(name));
        self.assign(name, &list)
    }

    fn assign(mut self, name: &str, value: &str) -> Self {
        let name = self.placeholders.name(name);
        push(&mut self.set, "SET ", &[&name, " = ", value]);
        self
    }

    /// Removes attributes.
    pub(super) fn remove<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        for name in names {
            let name = self.placeholders.name(name.as_ref());
            push(&mut self.remove, " REMOVE ", &[&name]);
            self.removed.push(name);
        }
        self
    }

    /// Adds to a number, which begins at 0, or to a set.
    pub(super) fn add(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.placeholders.name(name), self.placeholders.value(name, value));
        push(&mut self.add, " ADD ", &[&name, " ", &value]);
        self
    }

    /// Deletes elements from a set.
    pub(super) fn delete(mut self, name: &str, elements: AttributeValue) -> Self {
        let (name, elements) = (self.placeholders.name(name), self.placeholders.value(name, elements));
        push(&mut self.delete, " DELETE ", &[&name, " ", &elements]);
        self
    }

    /// Makes the update conditional. An update has one condition.
    pub(super) fn only_if(mut self, condition: Condition) -> Self {
        self.condition = Some(self.placeholders.render(condition));
        self
    }

    /// Returns the changes that a row shows after the update.
    pub(super) fn changes(&self) -> Changes {
        let name = |attribute: &String| self.placeholders.name_of(attribute).to_owned();
        let assigned = self
            .assigned
            .iter()
            .map(|(attribute, value)| (name(attribute), self.placeholders.value_of(value).cloned()));
        Changes(assigned.chain(self.removed.iter().map(|attribute| (name(attribute), None))).collect())
    }

    /// Returns the parts of the request.
    pub(super) fn into_expressions(self) -> UpdateExpressions {
        let (names, values) = self.placeholders.into_maps();
        let update = [self.set, self.remove, self.add, self.delete].concat();
        UpdateExpressions { update: update.trim_start().to_owned(), condition: self.condition, names, values }
    }
}

/// Adds an action to a clause, which begins with `keyword`.
fn push(clause: &mut String, keyword: &str, action: &[&str]) {
    clause.push_str(if clause.is_empty() { keyword } else { ", " });
    action.iter().for_each(|part| clause.push_str(part));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::expression::{all, any, eq, lt, one_of};
    use crate::tables::{number, text};

    #[test]
    fn update_has_a_clause_per_kind_and_names_every_attribute_by_a_placeholder() {
        let update = Update::new()
            .copy("claimedFrom", "status")
            .set("status", text("processing"))
            .remove(["ttl"])
            .add("attempt", number(1))
            .delete("secrets", AttributeValue::Ss(vec!["s".to_owned()]));
        let UpdateExpressions { update, condition, names, values } = update.into_expressions();
        assert_eq!(
            update,
            "SET #claimedFrom = #status, #status = :status REMOVE #ttl ADD #attempt :attempt DELETE #secrets :secrets"
        );
        assert_eq!(condition, None);
        assert_eq!((names.unwrap().len(), values.unwrap().len()), (5, 3));
    }

    #[test]
    fn text_of_a_condition_does_not_depend_on_the_attributes_that_are_set() {
        let condition = || {
            any([
                all([one_of("status", ["scheduled", "retrying"]), lt("dueAt", text("1"))]),
                all([eq("status", text("processing")), lt("leaseUntil", number(1))]),
            ])
        };
        let expected = "(#status IN (:if_scheduled, :if_retrying) AND #dueAt < :if_dueAt) OR \
                        (#status = :if_status AND #leaseUntil < :if_leaseUntil)";
        for update in [Update::new(), Update::new().set("status", text("x")).set("dueAt", text("2"))] {
            let expressions = update.only_if(condition()).into_expressions();
            assert_eq!(expressions.condition.as_deref(), Some(expected));
        }
    }

    #[test]
    fn values_of_one_attribute_have_placeholders_of_their_own() {
        let range = any([eq("n", number(1)), eq("n", number(2))]);
        let expressions = Update::new().set("n", number(3)).only_if(range).into_expressions();
        assert_eq!(expressions.condition.as_deref(), Some("#n = :if_n OR #n = :if_n2"));
        assert_eq!(expressions.values.unwrap()[":if_n2"], number(2));
    }

    #[test]
    fn row_has_the_changes_of_an_update_if_it_has_its_values_and_lacks_what_it_removes() {
        let update = Update::new().alias("at", "until:all".to_owned()).set("at", number(1)).remove(["lease"]);
        let changes = update.add("attempt", number(1)).changes();
        let row = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), number(1))).collect::<Item>();
        assert!(changes.are_in(&row(&["until:all", "attempt"])));
        assert!(!changes.are_in(&row(&["until:all", "lease"])) && !changes.are_in(&row(&["attempt"])));
        assert!(!Update::new().add("attempt", number(1)).changes().are_in(&row(&["attempt"])));
    }

    #[test]
    fn alias_replaces_a_name_that_cannot_be_a_placeholder() {
        let expressions =
            Update::new().alias("counter", "slack|X".to_owned()).add("counter", number(1)).into_expressions();
        assert_eq!(expressions.update, "ADD #counter :counter");
        assert_eq!(expressions.names.unwrap()["#counter"], "slack|X");
    }
}

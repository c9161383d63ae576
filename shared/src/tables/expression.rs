//! Conditions of writes and queries, and the placeholders of an expression. Every attribute is named by a placeholder, so that
//! no attribute can collide with one of DynamoDB's reserved words.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html>

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

use super::Item;

/// A condition on one item.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// A comparison of an attribute with a value.
    Compare { name: &'static str, operator: &'static str, value: AttributeValue },
    /// A range, both ends included.
    Between { name: &'static str, first: AttributeValue, last: AttributeValue },
    /// A function of an attribute, some with an operand.
    Function { function: &'static str, name: &'static str, operand: Option<AttributeValue> },
    /// A set of fewer elements.
    SizeBelow { name: &'static str, max: usize },
    /// A list of the texts an attribute may have, each with the label of its placeholder.
    OneOf { name: &'static str, texts: Vec<(String, String)> },
    /// All of these conditions.
    All(Vec<Condition>),
    /// At least one of these conditions.
    Any(Vec<Condition>),
}

pub(super) fn eq(name: &'static str, value: AttributeValue) -> Condition {
    Condition::Compare { name, operator: " = ", value }
}

pub(super) fn lt(name: &'static str, value: AttributeValue) -> Condition {
    Condition::Compare { name, operator: " < ", value }
}

pub(super) fn le(name: &'static str, value: AttributeValue) -> Condition {
    Condition::Compare { name, operator: " <= ", value }
}

pub(super) fn gt(name: &'static str, value: AttributeValue) -> Condition {
    Condition::Compare { name, operator: " > ", value }
}

pub(super) fn between(name: &'static str, first: AttributeValue, last: AttributeValue) -> Condition {
    Condition::Between { name, first, last }
}

pub(super) fn exists(name: &'static str) -> Condition {
    Condition::Function { function: "attribute_exists", name, operand: None }
}

pub(super) fn absent(name: &'static str) -> Condition {
    Condition::Function { function: "attribute_not_exists", name, operand: None }
}

pub(super) fn begins_with(name: &'static str, prefix: AttributeValue) -> Condition {
    Condition::Function { function: "begins_with", name, operand: Some(prefix) }
}

pub(super) fn contains(name: &'static str, element: AttributeValue) -> Condition {
    Condition::Function { function: "contains", name, operand: Some(element) }
}

pub(super) fn size_below(name: &'static str, max: usize) -> Condition {
    Condition::SizeBelow { name, max }
}

pub(super) fn one_of(name: &'static str, texts: impl IntoIterator<Item = &'static str>) -> Condition {
    Condition::OneOf { name, texts: texts.into_iter().map(|text| (text.to_owned(), text.to_owned())).collect() }
}

/// As [`one_of`], for texts of requests, which cannot be placeholders. DynamoDB accepts 1 to 100.
pub(super) fn among<'a>(name: &'static str, texts: impl IntoIterator<Item = &'a str>) -> Condition {
    Condition::OneOf { name, texts: texts.into_iter().map(|text| (name.to_owned(), text.to_owned())).collect() }
}

pub(super) fn all(conditions: impl Into<Vec<Condition>>) -> Condition {
    joined(conditions.into(), Condition::All)
}

/// All of the conditions that there are; `None` without one.
pub(super) fn all_of(conditions: impl IntoIterator<Item = Option<Condition>>) -> Option<Condition> {
    let mut conditions: Vec<Condition> = conditions.into_iter().flatten().collect();
    if conditions.len() > 1 { Some(all(conditions)) } else { conditions.pop() }
}

pub(super) fn any(conditions: impl Into<Vec<Condition>>) -> Condition {
    joined(conditions.into(), Condition::Any)
}

/// Joins conditions. A single one stays as it is: DynamoDB refuses redundant parentheses.
fn joined(mut conditions: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            join(conditions)
        }
    }
}

/// The attribute names and values that an expression's placeholders stand for.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    /// Binds the placeholder `#<alias>` to a name that cannot be a placeholder itself, such as one with a `|`.
    pub(super) fn alias(&mut self, alias: &str, name: String) {
        self.names.insert(format!("#{alias}"), name);
    }

    /// Returns the placeholder of a name: `#<name>`.
    pub(super) fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        if !self.names.contains_key(&placeholder) {
            self.names.insert(placeholder.clone(), name.to_owned());
        }
        placeholder
    }

    /// Returns the placeholder of a value: `:<label>`, with a number if the label is in use.
    pub(super) fn value(&mut self, label: &str, value: AttributeValue) -> String {
        let mut placeholder = format!(":{label}");
        let mut number = 2;
        while self.values.contains_key(&placeholder) {
            placeholder = format!(":{label}{number}");
            number += 1;
        }
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Returns the name that a placeholder stands for.
    pub(super) fn name_of(&self, placeholder: &str) -> &str {
        self.names.get(placeholder).map(String::as_str).unwrap_or_default()
    }

    /// Returns the value that a placeholder stands for.
    pub(super) fn value_of(&self, placeholder: &str) -> Option<&AttributeValue> {
        self.values.get(placeholder)
    }

    /// Renders a condition. The placeholders of its values begin with `:if_`: the text of a write's condition does not depend on
    /// the attributes that the write sets.
    pub(super) fn render(&mut self, condition: Condition) -> String {
        match condition {
            Condition::Compare { name, operator, value } => {
                format!("{}{operator}{}", self.name(name), self.operand(name, value))
            }
            Condition::Between { name, first, last } => {
                let attribute = self.name(name);
                format!("{attribute} BETWEEN {} AND {}", self.operand(name, first), self.operand(name, last))
            }
            Condition::Function { function, name, operand: None } => format!("{function}({})", self.name(name)),
            Condition::Function { function, name, operand: Some(operand) } => {
                format!("{function}({}, {})", self.name(name), self.operand(name, operand))
            }
            Condition::SizeBelow { name, max } => {
                format!("size({}) < {}", self.name(name), self.operand(name, super::number(max)))
            }
            Condition::OneOf { name, texts } => {
                let texts = texts.into_iter().map(|(label, text)| self.operand(&label, super::text(text)));
                let texts = texts.collect::<Vec<_>>().join(", ");
                format!("{} IN ({texts})", self.name(name))
            }
            Condition::All(conditions) => self.join(conditions, " AND "),
            Condition::Any(conditions) => self.join(conditions, " OR "),
        }
    }

    fn operand(&mut self, label: &str, value: AttributeValue) -> String {
        self.value(&format!("if_{label}"), value)
    }

    fn join(&mut self, conditions: Vec<Condition>, operator: &str) -> String {
        let parts = conditions.into_iter().map(|condition| {
            let nested = matches!(condition, Condition::All(_) | Condition::Any(_));
            let text = self.render(condition);
            if nested { format!("({text})") } else { text }
        });
        parts.collect::<Vec<_>>().join(operator)
    }

    /// The names, or `None` if there are none: DynamoDB rejects an empty map.
    pub(super) fn into_maps(self) -> (Option<HashMap<String, String>>, Option<Item>) {
        (Some(self.names).filter(|names| !names.is_empty()), Some(self.values).filter(|values| !values.is_empty()))
    }
}

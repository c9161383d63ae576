//! Sentences about counts.

/// Returns a count with its noun: `1 task`, `2 tasks`. `noun` is the name of one.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", agreeing(count, "", "s"))
}

/// Returns the words that agree with a count: those about one, or those about any other number.
pub fn agreeing<'a>(count: usize, one: &'a str, others: &'a str) -> &'a str {
    if count == 1 { one } else { others }
}

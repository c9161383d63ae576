//! The names that an error offers instead of one that does not exist.

/// Maximum number of names in an error.
const MAX_NAMES: usize = 10;
/// Maximum number of characters of the names, so that the rest of the error fits too.
const MAX_CHARS: usize = 150;

/// Returns the first names, separated by commas, and the number of the others. A name that does not fit is left out.
pub(super) fn list_choices<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let (mut shown, mut chars, mut others): (Vec<&str>, usize, usize) = (vec![], 0, 0);
    for name in names {
        let length = name.chars().count() + 2;
        if shown.len() < MAX_NAMES && chars + length <= MAX_CHARS {
            chars += length;
            shown.push(name);
        } else {
            others += 1;
        }
    }
    let listed = shown.join(", ");
    if others > 0 { format!("{listed} and {others} more") } else { listed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_names_are_listed_and_the_others_counted() {
        let names: Vec<String> = (1..=12).map(|number| format!("n{number}")).collect();
        let listed = list_choices(names.iter().map(String::as_str));
        assert_eq!(listed, "n1, n2, n3, n4, n5, n6, n7, n8, n9, n10 and 2 more");
        assert_eq!(list_choices(["a", "b"]), "a, b");
        let long = "x".repeat(149);
        assert_eq!(list_choices([long.as_str(), "b"]), "b and 1 more");
    }
}

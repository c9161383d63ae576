//! The letters and digits of a text, by which texts are compared that Notion writes in another form: quotes and spaces change on the
//! way.

/// Returns the letters and digits of a plain text.
pub(super) fn bare_text(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_spaces_do_not_count() {
        assert_eq!(bare_text("Say “so”,\n5\u{a0}€"), bare_text("Say \"so\", 5 €"));
        assert_ne!(bare_text("Ship it"), bare_text("Ship them"));
    }
}

//! The pictures that the HTML of a mail shows: `cid:` and a content id. <https://www.rfc-editor.org/rfc/rfc2392>

use std::collections::HashSet;

/// The content ids in the HTML of a mail.
pub(super) struct ShownPictures<'a>(HashSet<&'a str>);

impl<'a> ShownPictures<'a> {
    /// Reads the ids once, whatever the number of files.
    pub(super) fn of(html: Option<&'a str>) -> Self {
        let ends = |c: char| c.is_whitespace() || "\"'<>()&;\\".contains(c);
        let shown = html.unwrap_or_default().split("cid:").skip(1);
        Self(shown.map(|rest| rest.split(ends).next().unwrap_or_default()).collect())
    }

    /// True if the HTML shows the file with this id.
    pub(super) fn has(&self, id: &str) -> bool {
        !id.is_empty() && self.0.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_shown_as_a_whole() {
        let html = "<img src=\"cid:p10@x\"><img src='cid:logo.png'><p style=background:url(cid:bg)><img src=cid:last>";
        let shown = ShownPictures::of(Some(html));
        assert!(["p10@x", "logo.png", "bg", "last"].iter().all(|id| shown.has(id)));
        assert!(["p1", "p10", "logo", "", "cid"].iter().all(|id| !shown.has(id)));
        assert!(!ShownPictures::of(None).has("bg"));
    }
}

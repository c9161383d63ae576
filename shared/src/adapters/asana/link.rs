//! Links to Asana's objects, in the two forms of its web app:
//! <https://forum.asana.com/t/upcoming-new-v1-asana-url-format-in-the-browser/1011489>

use url::Url;

use super::input::is_gid;

/// The host of Asana's web app.
const HOST: &str = "app.asana.com";
/// The name of an object of which a link does not say the kind.
const ANY: &str = "object";

/// The object that a link opens.
#[derive(Debug, PartialEq, Eq)]
struct Opened<'a> {
    /// The kind of the object, such as `task`.
    kind: &'static str,
    /// Its id, if the link has one.
    gid: Option<&'a str>,
}

/// Returns the id of the object of a kind that a link opens; `None` for a text that is no link.
///
/// # Errors
/// The reason to refuse a link: it opens something else.
pub(super) fn gid_of(text: &str, kind: &str) -> Option<Result<String, String>> {
    let is_link = text.starts_with("https://") || text.starts_with("http://") || text.starts_with(HOST);
    if !is_link {
        return None;
    }
    let address = if text.starts_with(HOST) { format!("https://{text}") } else { text.to_owned() };
    let url = Url::parse(&address).ok().filter(|url| url.host_str() == Some(HOST));
    let Some(url) = url else {
        return Some(Err(format!("must be a link to a {kind} in Asana: one at {HOST}")));
    };
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let opened = open(&segments);
    // A list of tasks has one form of links, whether it is a project or a tag.
    let is_kind =
        opened.kind == kind || opened.kind == ANY || (opened.kind == "project" && kind == "tag" && segments[0] == "0");
    match opened.gid.filter(|_| is_kind) {
        Some(gid) => Some(Ok(gid.to_owned())),
        None => {
            let article = if opened.kind.starts_with(['o', 'i']) { "an" } else { "a" };
            Some(Err(format!("must be a link to a {kind}; it is one to {article} {}", opened.kind)))
        }
    }
}

/// Returns what the segments of a path open.
fn open<'a>(segments: &[&'a str]) -> Opened<'a> {
    match segments {
        ["0", rest @ ..] => open_v0(rest),
        ["1", workspace, rest @ ..] if is_gid(workspace) => open_v1(workspace, rest),
        _ => Opened { kind: "page", gid: None },
    }
}

/// `/0/<project>/<task>`, `/0/<project>/list`, `/0/inbox/<user>/<task>/<story>`, `/0/search/<search>/<task>`, `/0/portfolio/<id>`.
fn open_v0<'a>(segments: &[&'a str]) -> Opened<'a> {
    let id = |at: usize| segments.get(at).copied().filter(|segment| is_gid(segment) && *segment != "0");
    match segments.first().copied() {
        Some("inbox" | "search") => Opened { kind: if id(2).is_some() { "task" } else { "page" }, gid: id(2) },
        Some("resource") => Opened { kind: ANY, gid: id(1) },
        Some(place) if is_gid(place) => match id(1) {
            Some(task) => Opened { kind: "task", gid: Some(task) },
            None => Opened { kind: "project", gid: id(0) },
        },
        Some(name) => Opened { kind: kind_of(name).unwrap_or("page"), gid: id(1) },
        None => Opened { kind: "page", gid: None },
    }
}

/// `/1/<workspace>/<kind>/<id>/<kind>/<id>`: the last object that is none of a task's parts.
fn open_v1<'a>(workspace: &'a str, segments: &[&'a str]) -> Opened<'a> {
    let pairs = segments.windows(2).filter(|pair| is_gid(pair[1]));
    let mut objects = pairs.filter_map(|pair| Some(Opened { kind: kind_of(pair[0])?, gid: Some(pair[1]) }));
    match objects.next_back() {
        Some(object) => object,
        None if segments.is_empty() || segments == ["home"] => Opened { kind: "workspace", gid: Some(workspace) },
        None => Opened { kind: "page", gid: None },
    }
}

/// Returns the kind of the object that a segment announces.
fn kind_of(segment: &str) -> Option<&'static str> {
    // What the inbox shows is a task.
    let kinds = [("item", "task"), ("subtask", "task"), ("profile", "user"), ("overview", "project"), ("tags", "tag")];
    let same = ["task", "project", "section", "tag", "team", "user", "portfolio", "goal"];
    let renamed = kinds.into_iter().find(|(name, _)| *name == segment).map(|(_, kind)| kind);
    renamed.or_else(|| same.into_iter().find(|kind| *kind == segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gid(path: &str, kind: &str) -> Result<String, String> {
        gid_of(&format!("https://app.asana.com{path}"), kind).unwrap()
    }

    #[test]
    fn every_form_of_a_link_has_the_id_of_its_object() {
        for (path, kind) in [
            ("/0/42/7", "task"),
            ("/0/42/7/f", "task"),
            ("/0/0/7/f", "task"),
            ("/0/inbox/5/7/8", "task"),
            ("/0/search/5/7", "task"),
            ("/1/1/project/42/task/7", "task"),
            ("/1/1/project/42/task/7?focus=true", "task"),
            ("/1/1/task/7/comment/8?focus=true", "task"),
            ("/1/1/inbox/5/item/7/story/8", "task"),
            ("/1/1/project/42/task/9/subtask/7", "task"),
            ("/0/7", "project"),
            ("/0/7/list", "project"),
            ("/0/7/board?x=1", "project"),
            ("/1/1/project/7", "project"),
            ("/1/1/project/7/list/8", "project"),
            ("/1/1/project/7/timeline", "project"),
            ("/0/7", "tag"),
            ("/0/resource/7/list", "task"),
            ("/0/resource/7/list", "project"),
            ("/0/team/7/overview", "team"),
            ("/0/profile/7", "user"),
            ("/1/7/home", "workspace"),
        ] {
            assert_eq!(gid(path, kind), Ok("7".to_owned()), "{path}");
        }
        assert_eq!(gid_of("app.asana.com/0/42/7", "task"), Some(Ok("7".to_owned())));
        assert_eq!(gid_of("Web", "project"), None);
    }

    #[test]
    fn a_link_to_another_kind_is_refused_by_its_name() {
        for (path, kind, opened) in [
            ("/0/42/7", "project", "a task"),
            ("/0/42/list", "task", "a project"),
            ("/1/1/project/42", "tag", "a project"),
            ("/1/1/project/42/task/7", "project", "a task"),
            ("/0/portfolio/9/list", "project", "a portfolio"),
            ("/1/1/goal/9", "task", "a goal"),
            ("/0/inbox/5", "task", "a page"),
            ("/1/1/project/42/task/7", "workspace", "a task"),
            ("/-/login", "task", "a page"),
        ] {
            let reason = format!("must be a link to a {kind}; it is one to {opened}");
            assert_eq!(gid(path, kind), Err(reason), "{path}");
        }
        for other in ["https://example.com/0/42/7", "https://app.asana.com.example.com/0/42/7", "https://"] {
            assert!(gid_of(other, "task").unwrap().unwrap_err().contains("app.asana.com"), "{other}");
        }
    }
}

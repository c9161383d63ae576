//! The signatures in the addresses of Notion's files: they change each time that content is read.

/// Returns content without the queries with a signature.
pub(super) fn lasting(content: &str) -> String {
    let parts = content.split_inclusive([' ', '\n', '"', ')', '>', '<']);
    let lasting = |part: &str| match (part.find("://"), part.find('?')) {
        (Some(scheme), Some(query)) if scheme < query && is_signed(&part[query..]) => part[..query].to_owned(),
        _ => part.to_owned(),
    };
    parts.map(lasting).collect()
}

/// True for the query of a file at Amazon or at Notion.
fn is_signed(query: &str) -> bool {
    query.contains("X-Amz-Signature=") || (query.contains("expirationTimestamp=") && query.contains("signature="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_signatures_are_left_out() {
        let content = |query: &str| format!("![a](https://a.example/b?{query}) [c](https://c.example/?q=1)");
        for query in ["X-Amz-Date=1&X-Amz-Signature=a", "id=1&expirationTimestamp=5&signature=a"] {
            assert_eq!(lasting(&content(query)), "![a](https://a.example/b [c](https://c.example/?q=1)");
        }
        assert_eq!(lasting(&content("signature=none")), content("signature=none"));
    }
}

//! The origins of pages to which a browser may return after a consent.

use url::{Host, Url};

use super::{ConfigError, RETURN_ORIGINS as NAME, config_error};

/// The origins of an operator's pages, each in the form of RFC 6454 section 6.2. An open list would let anybody send a person from the
/// consent to any page (RFC 9700 section 4.11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReturnOrigins(Vec<String>);

impl ReturnOrigins {
    /// Reads the setting: a comma list of https origins, and of http origins of this machine.
    pub(super) fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let list = get(NAME).unwrap_or_default();
        let origins = list.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let refused = |origin: &str| {
            let rule = "must be an https origin without a path, for example https://app.example.com; http is for this machine alone";
            config_error(NAME, format!("'{origin}' {rule}"))
        };
        let origins = origins.map(|origin| parse_origin(origin).ok_or_else(|| refused(origin)));
        origins.collect::<Result<_, _>>().map(Self)
    }

    /// Returns the address of a page of one of the origins.
    ///
    /// # Errors
    /// The rule that the address does not fulfil.
    pub fn page(&self, address: &str) -> Result<Url, String> {
        let Some(first) = self.0.first() else {
            return Err(format!("is not accepted, because this deployment lists no origins ({NAME})"));
        };
        parse_page(address).filter(|page| self.allows(page)).ok_or_else(|| {
            let origins = self.0.join(" or ");
            format!("must be a page of {origins}, without user name and fragment, for example {first}/connected")
        })
    }

    /// True for a page of one of the origins.
    pub fn allows(&self, page: &Url) -> bool {
        self.0.contains(&page.origin().ascii_serialization())
    }
}

fn parse_origin(text: &str) -> Option<String> {
    let url = parse_page(text)?;
    let is_local = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(domain) => domain == "localhost",
    };
    let origin = url.origin().ascii_serialization();
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    // A wildcard would be taken for a host of that name.
    (is_safe && text == origin && !text.contains('*')).then_some(origin)
}

/// Parses the address of a page strictly. A browser reads some texts otherwise than they look: it takes a backslash for a slash, drops
/// tabs and line breaks, and adds missing slashes (<https://url.spec.whatwg.org/#concept-basic-url-parser>). The origin of `blob:` is that
/// of the address in it.
fn parse_page(text: &str) -> Option<Url> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let (_, rest) = text.split_once("://").filter(|_| is_plain)?;
    let authority = rest.split(['/', '?', '#']).next().filter(|authority| !authority.is_empty())?;
    let url = Url::parse(text).ok().filter(|_| !authority.contains('@'))?;
    (url.fragment().is_none() && matches!(url.scheme(), "http" | "https")).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(list: &str) -> Result<ReturnOrigins, ConfigError> {
        ReturnOrigins::read(&|name| (name == NAME).then(|| list.to_owned()))
    }

    #[test]
    fn origins_are_https_or_of_this_machine() {
        assert_eq!(origins("").unwrap(), ReturnOrigins::default());
        let listed = "https://app.example.com, http://localhost:3000,http://127.0.0.1:8080,http://[::1]:1";
        assert_eq!(origins(listed).unwrap().0.len(), 4);
        for refused in [
            "http://app.example.com",
            "https://app.example.com/",
            "https://app.example.com/page",
            "https://app.example.com:443",
            "https://user@app.example.com",
            "https://*.example.com",
            "app.example.com",
            "null",
            "http://localhost.example.com",
            "javascript://app.example.com",
        ] {
            assert!(origins(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_page_is_of_a_listed_origin() {
        let origins = origins("https://good.example,http://localhost:3000").unwrap();
        for page in [
            "https://good.example",
            "https://good.example/",
            "https://GOOD.example:443/a?b=https://evil.example",
            "http://localhost:3000/connected",
        ] {
            assert!(origins.page(page).is_ok(), "{page}");
        }
        for page in [
            "//evil.example",
            "/connected",
            "https:good.example",
            "https:/good.example",
            "https:///good.example",
            "https://good.example@evil.example",
            "https://good.example:443@evil.example/",
            "https://@good.example/",
            "https://user:password@good.example/",
            "https://good.example.evil.example",
            "https://good.example.",
            "https://evil.example/https://good.example",
            "https://evil.example\\@good.example",
            "https://good.example\\@evil.example",
            "https://good.example\t.evil.example",
            "https://good.example/a\nb",
            " https://good.example",
            "https://good.example/#fragment",
            "https://good.example/#",
            "http://good.example",
            "https://good.example:8443",
            "https://localhost:3000",
            "http://localhost:3001",
            "javascript://good.example/%0aalert(1)",
            "data:text/html,x",
            "blob:https://good.example/0",
            "view-source:https://good.example/",
            "https://good.example%2eevil.example",
            "https://xn--good.example",
            "",
        ] {
            let rule = origins.page(page).unwrap_err();
            assert!(
                rule.starts_with("must be a page of https://good.example or http://localhost:3000"),
                "{page}: {rule}"
            );
        }
        let unset = ReturnOrigins::default().page("https://good.example").unwrap_err();
        assert!(unset.starts_with("is not accepted, because this deployment lists no origins"), "{unset}");
    }
}

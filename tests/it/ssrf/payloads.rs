//! Attack payloads for id fields: addresses, path traversals, line breaks, long texts.

/// Hosts that belong to no provider, in spellings that some parsers normalize to another host.
const HOSTS: [&str; 20] = [
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169。254。169。254",
    "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
    "metadata.google.internal",
    "localhost",
    "127.0.0.1",
    "127.1",
    "0",
    "[::1]",
    "evil.example",
    "evil.example:443",
    "gmail.googleapis.com.evil.example",
    "slack.com@evil.example",
    "evil.example\\@slack.com",
];

const PATH_TRAVERSALS: [&str; 42] = [
    "",
    " ",
    ".",
    "..",
    "../",
    "/..",
    "../../v1/users",
    "..\\",
    "..;/",
    "....//",
    "%2e%2e",
    ".%2e",
    "%2E%2E%2F",
    "..%2f",
    "..%5c",
    "%252e%252e%252f",
    "%c0%ae%c0%ae%c0%af",
    ".\t.",
    ".\n.",
    ".\r.",
    "\t",
    "\n",
    "‥",
    "．．",
    "。。",
    "⁄..⁄",
    "/",
    "//",
    "\\",
    "a/b",
    "a%2fb",
    "a\\b",
    "a%5cb",
    "a?b=c",
    "a#b",
    "a;b",
    "a&b=c",
    "%",
    "%zz",
    "C0123456789/../../admin",
    "1200000000000010/../../users/me",
    "1429989f-e8ac-4eff-bc8f-57f56486db54/../../../users",
];

const LINE_BREAKS: [&str; 10] = [
    "a\r\nHost: evil.example",
    "a\r\n\r\nGET /latest/meta-data/ HTTP/1.1",
    "a\nX-Injected: 1",
    "a\rX-Injected: 1",
    "%0d%0aHost:%20evil.example",
    "a\u{0}b",
    "%00",
    "a\u{2028}Host: evil.example",
    "a\u{85}Host: evil.example",
    "嘊嘍Host: evil.example",
];

const SCHEMES: [&str; 12] = [
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/_x",
    "ftp://evil.example/",
    "dict://127.0.0.1:11211/stat",
    "ldap://evil.example/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "https://",
    "http:",
    "https:/evil.example",
    "HTTPS:evil.example",
];

/// Links that resemble a provider's own.
const LOOKALIKES: [&str; 12] = [
    "https://www.notion.so@evil.example/1429989fe8ac4effbc8f57f56486db54",
    "https://evil.example/.notion.so/1429989fe8ac4effbc8f57f56486db54",
    "https://www.notion.so/..%2f..%2f1429989fe8ac4effbc8f57f56486db54",
    "https://www.notion.so/x?p=..%2f..%2fusers",
    "https://www.notion.so:1/1429989fe8ac4effbc8f57f56486db54",
    "https://team.slack.com/archives/../../admin",
    "https://team.slack.com/archives/C0123456789%2f..",
    "https://evil.example/.slack.com/archives/C0123456789",
    "https://evil.example/?.slack.com/archives/evil.example",
    "<#C0123456789/../x|general>",
    "<#evil.example|general>",
    "ｓｌａｃｋ.com",
];

/// All payloads.
pub(super) fn all() -> Vec<String> {
    let at = |host: &&str| {
        [
            format!("http://{host}/latest/meta-data/"),
            format!("https://{host}"),
            format!("//{host}/"),
            format!("@{host}"),
            format!(".{host}/"),
            format!("x#@{host}/"),
        ]
    };
    let long = ["a".repeat(3000), "../".repeat(600), "%2e%2e%2f".repeat(200), "é".repeat(1000)];
    let written = [&PATH_TRAVERSALS[..], &LINE_BREAKS, &SCHEMES, &LOOKALIKES].concat();
    HOSTS.iter().flat_map(at).chain(written.into_iter().map(str::to_owned)).chain(long).collect()
}

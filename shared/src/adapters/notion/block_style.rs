//! The color of a block and the language of code, as Notion names them:
//! <https://developers.notion.com/reference/block>

use schemars::JsonSchema;
use serde::Deserialize;
use std::ops::Deref;

/// The colors of text. Each is that of a background too, with `_background`.
const COLORS: [&str; 10] = ["default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"];

/// The languages of code: `LanguageRequest` of <https://github.com/makenotion/notion-sdk-js>
const LANGUAGES: [&str; 85] = [
    "abap",
    "abc",
    "agda",
    "arduino",
    "ascii art",
    "assembly",
    "bash",
    "basic",
    "bnf",
    "c",
    "c#",
    "c++",
    "clojure",
    "coffeescript",
    "coq",
    "css",
    "dart",
    "dhall",
    "diff",
    "docker",
    "ebnf",
    "elixir",
    "elm",
    "erlang",
    "f#",
    "flow",
    "fortran",
    "gherkin",
    "glsl",
    "go",
    "graphql",
    "groovy",
    "haskell",
    "hcl",
    "html",
    "idris",
    "java",
    "javascript",
    "json",
    "julia",
    "kotlin",
    "latex",
    "less",
    "lisp",
    "livescript",
    "llvm ir",
    "lua",
    "makefile",
    "markdown",
    "markup",
    "matlab",
    "mathematica",
    "mermaid",
    "nix",
    "notion formula",
    "objective-c",
    "ocaml",
    "pascal",
    "perl",
    "php",
    "plain text",
    "powershell",
    "prolog",
    "protobuf",
    "purescript",
    "python",
    "r",
    "racket",
    "reason",
    "ruby",
    "rust",
    "sass",
    "scala",
    "scheme",
    "scss",
    "shell",
    "smalltalk",
    "solidity",
    "sql",
    "swift",
    "toml",
    "typescript",
    "vb.net",
    "verilog",
    "vhdl",
];
/// The rest of the languages.
const MORE_LANGUAGES: [&str; 5] = ["visual basic", "webassembly", "xml", "yaml", "java/c/c++/c#"];

/// Names of languages that code is often marked with, and Notion's names of them.
const OTHER_NAMES: [(&str, &str); 22] = [
    ("", "plain text"),
    ("cpp", "c++"),
    ("cs", "c#"),
    ("csharp", "c#"),
    ("dockerfile", "docker"),
    ("fsharp", "f#"),
    ("golang", "go"),
    ("js", "javascript"),
    ("jsx", "javascript"),
    ("kt", "kotlin"),
    ("make", "makefile"),
    ("md", "markdown"),
    ("objc", "objective-c"),
    ("plaintext", "plain text"),
    ("ps1", "powershell"),
    ("py", "python"),
    ("rb", "ruby"),
    ("rs", "rust"),
    ("text", "plain text"),
    ("ts", "typescript"),
    ("tsx", "typescript"),
    ("yml", "yaml"),
];

/// A color of an input.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = 20, "x-form" = "a color, for example `blue` or `blue_background`"))]
pub(super) struct Color(String);

/// A language of an input.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = 30, "x-form" = "a language, for example `python`"))]
pub(super) struct Language(String);

/// Returns Notion's name of a language of code; `None` for one that it does not have.
pub(super) fn language(name: &str) -> Option<&'static str> {
    let name = name.trim().to_lowercase();
    let known = LANGUAGES.into_iter().chain(MORE_LANGUAGES).find(|known| *known == name);
    known.or_else(|| OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, known)| *known))
}

impl Deref for Color {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for Language {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Color {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let name = text.trim().to_lowercase();
        let background = name.strip_suffix("_background").or_else(|| name.strip_suffix("_bg"));
        match COLORS.contains(&background.unwrap_or(&name)) {
            true => Ok(Self(background.map_or(name.clone(), |color| format!("{color}_background")))),
            false => {
                Err("must be default, gray, brown, orange, yellow, green, blue, purple, pink or red, or one of them \
                          with `_background`, for example blue_background")
            }
        }
    }
}

impl TryFrom<String> for Language {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        language(&text)
            .map(|name| Self(name.to_owned()))
            .ok_or("must be a language that Notion knows, for example python, c++ or plain text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_and_languages_are_taken_by_their_usual_names() {
        for (text, name) in [("Blue", "blue"), ("blue_bg", "blue_background"), (" red_background ", "red_background")] {
            assert_eq!(&*Color::try_from(text.to_owned()).unwrap(), name);
        }
        assert!(Color::try_from("mauve".to_owned()).is_err() && Color::try_from("_background".to_owned()).is_err());
        for (text, name) in [("js", "javascript"), ("C++", "c++"), ("YAML", "yaml"), ("", "plain text")] {
            assert_eq!(language(text), Some(name));
        }
        assert_eq!(language("klingon"), None);
    }
}

//! Rust sources: their items, functions, paths, literals and attributes.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{Attribute, File, ImplItem, Item, UseTree};

/// Parses a source. Panics with the name of the file if it is not Rust.
pub(crate) fn parse(file: &str, source: &str) -> File {
    syn::parse_file(source).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A file without the items that are built only for unit tests.
pub(crate) fn without_unit_tests(mut file: File) -> File {
    remove_unit_tests(&mut file.items);
    file
}

fn remove_unit_tests(items: &mut Vec<Item>) {
    items.retain(|item| !is_for_tests(item_attributes(item)));
    for item in items {
        match item {
            Item::Mod(module) => module.content.iter_mut().for_each(|(_, items)| remove_unit_tests(items)),
            Item::Impl(block) => block.items.retain(|item| match item {
                ImplItem::Const(item) => !is_for_tests(&item.attrs),
                ImplItem::Fn(item) => !is_for_tests(&item.attrs),
                _ => true,
            }),
            _ => {}
        }
    }
}

/// True for `#[cfg(test)]`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    };
    attributes.iter().any(is_test)
}

/// True if a file has items that are built only for unit tests.
pub(crate) fn has_unit_tests(file: &File) -> bool {
    file.items.iter().any(|item| is_for_tests(item_attributes(item)))
}

fn item_attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The kind and the name of an item, such as `("fn", "main")`; an `impl` has the name of its type.
pub(crate) fn kind_and_name(item: &Item) -> Option<(&'static str, String)> {
    Some(match item {
        Item::Const(item) => ("const", item.ident.to_string()),
        Item::Enum(item) => ("enum", item.ident.to_string()),
        Item::Fn(item) => ("fn", item.sig.ident.to_string()),
        Item::Impl(item) => ("impl", type_name(&item.self_ty)),
        Item::Mod(item) => ("mod", item.ident.to_string()),
        Item::Static(item) => ("static", item.ident.to_string()),
        Item::Struct(item) => ("struct", item.ident.to_string()),
        Item::Trait(item) => ("trait", item.ident.to_string()),
        Item::Type(item) => ("type", item.ident.to_string()),
        Item::Use(_) => ("use", String::new()),
        _ => return None,
    })
}

fn type_name(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(ty) => ty.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A function, also one of a trait, of an `impl` or in the tokens of a macro.
#[derive(Debug, PartialEq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// The number of lines from `fn` to the end of the body.
    pub(crate) lines: usize,
    /// True with an attribute `test`, such as `#[tokio::test]`.
    pub(crate) is_test: bool,
}

/// Every function of a file.
pub(crate) fn functions(file: &File) -> Vec<Function> {
    let mut visitor = FunctionVisitor(vec![]);
    visitor.visit_file(file);
    visitor.0
}

/// The functions in the tokens of a macro, such as `proptest!`. A function ends with its body.
pub(crate) fn functions_in(tokens: TokenStream) -> Vec<Function> {
    let mut visitor = FunctionVisitor(vec![]);
    visitor.visit_tokens(tokens);
    visitor.0
}

struct FunctionVisitor(Vec<Function>);

impl FunctionVisitor {
    fn push(&mut self, attributes: &[Attribute], signature: &syn::Signature, end: usize) {
        let is_test = |attribute: &Attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "test");
        let line = signature.fn_token.span.start().line;
        let is_test = attributes.iter().any(is_test);
        self.0.push(Function { name: signature.ident.to_string(), line, lines: end + 1 - line, is_test });
    }

    /// Adds the functions in the tokens of a macro.
    fn visit_tokens(&mut self, tokens: TokenStream) {
        let (mut after_fn, mut is_test, mut open): (Option<usize>, bool, Option<Function>) = (None, false, None);
        for token in tokens {
            match (token, after_fn) {
                (TokenTree::Ident(name), Some(line)) => {
                    open = Some(Function { name: name.to_string(), line, lines: 1, is_test });
                    (after_fn, is_test) = (None, false);
                }
                (TokenTree::Ident(word), None) if word == "fn" => after_fn = Some(word.span().start().line),
                (TokenTree::Group(group), _) => {
                    let inner = group.stream();
                    match group.delimiter() {
                        Delimiter::Bracket => is_test |= inner.to_string() == "test",
                        Delimiter::Brace => {
                            if let Some(function) = open.take() {
                                let lines = group.span_close().end().line + 1 - function.line;
                                self.0.push(Function { lines, ..function });
                            }
                        }
                        Delimiter::Parenthesis | Delimiter::None => {}
                    }
                    self.visit_tokens(inner);
                    after_fn = None;
                }
                _ => after_fn = None,
            }
        }
    }
}

impl<'ast> Visit<'ast> for FunctionVisitor {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.push(&item.attrs, &item.sig, item.block.brace_token.span.close().end().line);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.push(&item.attrs, &item.sig, item.block.brace_token.span.close().end().line);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let body = item.default.as_ref().map(|block| block.brace_token.span.close().end().line);
        self.push(&item.attrs, &item.sig, body.unwrap_or(item.sig.fn_token.span.start().line));
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_tokens(invocation.tokens.clone());
    }
}

/// Every path of a file, imports included, as its segments: `use a::{b, c::d}` has `a::b` and `a::c::d`.
pub(crate) fn paths(file: &File) -> BTreeSet<Vec<String>> {
    let mut visitor = PathVisitor(BTreeSet::new());
    visitor.visit_file(file);
    visitor.0
}

struct PathVisitor(BTreeSet<Vec<String>>);

impl PathVisitor {
    fn add_tree(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |name: &proc_macro2::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) => self.0.extend([with(&name.ident)]),
            UseTree::Rename(name) => self.0.extend([with(&name.ident)]),
            UseTree::Glob(_) => self.0.extend([prefix.to_vec()]),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(prefix, tree)),
        }
    }

    /// Adds the paths in the tokens of a macro.
    fn visit_tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (vec![], 0);
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.0.insert(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Group(group) => {
                    self.visit_tokens(group.stream());
                    self.0.insert(std::mem::take(&mut path));
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => self.0.extend([std::mem::take(&mut path)]),
            }
        }
        self.0.insert(path);
    }
}

impl<'ast> Visit<'ast> for PathVisitor {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_tokens(invocation.tokens.clone());
        visit::visit_macro(self, invocation);
    }
}

/// The string literals of a file, those in macros included; doc comments are none.
pub(crate) fn string_literals(file: &File) -> Vec<String> {
    let mut visitor = LiteralVisitor(vec![]);
    visitor.visit_file(file);
    visitor.0
}

struct LiteralVisitor(Vec<String>);

impl LiteralVisitor {
    fn visit_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.visit_tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                        self.0.push(text.value());
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for LiteralVisitor {
    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.0.push(literal.value());
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_tokens(invocation.tokens.clone());
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

/// True if a function of the file has the attribute `#[ignore]`.
pub(crate) fn has_ignored_test(file: &File) -> bool {
    struct IgnoreVisitor(bool);
    impl<'ast> Visit<'ast> for IgnoreVisitor {
        fn visit_attribute(&mut self, attribute: &'ast Attribute) {
            self.0 |= attribute.path().is_ident("ignore");
        }
    }
    let mut visitor = IgnoreVisitor(false);
    visitor.visit_file(file);
    visitor.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(file: &File) -> Vec<String> {
        functions(file).into_iter().map(|function| function.name).collect()
    }

    #[test]
    fn code_after_a_test_module_is_read() {
        let source = "mod a;\n#[cfg(test)]\nmod testing;\nuse crate::b;\nimpl C {\n    #[cfg(test)]\n    fn d() {\n    }\n}\n\
                      #[cfg(test)]\nmod tests {\n    use crate::e;\n}\nfn f() {}\n#[cfg(not(test))]\nfn g() {}\n";
        let file = parse("a.rs", source);
        assert!(has_unit_tests(&file));
        let file = without_unit_tests(file);
        assert!(!has_unit_tests(&file));
        assert_eq!(names(&file), ["f", "g"]);
        let kinds: Vec<_> = file.items.iter().filter_map(kind_and_name).map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["mod", "use", "impl", "fn", "fn"]);
    }

    #[test]
    fn functions_have_their_length_and_tests_are_known() {
        let source = "fn a() {}\ntrait B {\n    fn b(&self);\n}\npub(crate) async fn c<T>() {\n}\nproptest! {\n    /// Says.\n    \
                      #[test]\n    fn d(x in 1..9) {\n    }\n}\n#[tokio::test]\nasync fn e() {\n    // \"}\"\n    let _ = \"fn f() {\";\n}\n";
        let found = functions(&parse("a.rs", source));
        let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.line, it.lines, it.is_test)).collect();
        assert_eq!(
            found,
            [("a", 1, 1, false), ("b", 3, 1, false), ("c", 5, 2, false), ("d", 10, 2, true), ("e", 14, 4, true)]
        );
    }

    #[test]
    fn paths_are_those_of_code_and_not_of_texts() {
        let source = "use a::{self, b, c::{d as e, f::*}};\n/// `g::h`\nfn i(x: j::k<l::m>) {\n    assert!(n::o(\"p::q\"));\n    r::s();\n}\n";
        let paths = paths(&parse("a.rs", source));
        let mut joined: Vec<String> = paths.iter().filter(|path| path.len() > 1).map(|path| path.join("::")).collect();
        joined.sort();
        assert_eq!(joined, ["a::b", "a::c::d", "a::c::f", "a::self", "j::k", "l::m", "n::o", "r::s"]);
    }

    #[test]
    fn literals_are_those_of_code_and_not_of_comments() {
        let source = "/// \"a\"\n#[doc = \"b\"]\nconst C: &str = \"d\";\nfn e() {\n    // \"f\"\n    assert!(g(\"h\"), r#\"i\"#);\n}\n";
        assert_eq!(string_literals(&parse("a.rs", source)), ["d", "h", "i"]);
    }
}

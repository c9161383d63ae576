//! Few tests run with providers that are as their reference pages show them, and each says why.

use crate::reading::rust;
use crate::support::sources;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, ExprCall, File, Lit};

/// Maximal share of such tests, in per mille of all tests.
const MAX_PER_MILLE: usize = 50;
/// Minimal length of a reason.
const MIN_REASON_CHARS: usize = 20;
/// The constructors of `TestApp` for such tests.
const CONSTRUCTORS: [&str; 1] = ["as_documented"];

/// The tests of a file, and those with documented providers.
#[derive(Default)]
struct Tests {
    all: usize,
    documented: usize,
    violations: Vec<String>,
}

/// Collects the reasons of the calls in a block; a reason that is no literal text is empty.
#[derive(Default)]
struct ReasonVisitor(Vec<String>);

impl<'a> Visit<'a> for ReasonVisitor {
    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        let is_constructor = |name: &syn::Ident| CONSTRUCTORS.iter().any(|one| name == one);
        if let Expr::Path(called) = &*call.func
            && called.path.segments.last().is_some_and(|last| is_constructor(&last.ident))
        {
            let reason = match call.args.first() {
                Some(Expr::Lit(literal)) => match &literal.lit {
                    Lit::Str(text) => text.value(),
                    _ => String::new(),
                },
                _ => String::new(),
            };
            self.0.push(reason);
        }
        visit::visit_expr_call(self, call);
    }
}

struct TestVisitor<'a> {
    file: &'a str,
    tests: Tests,
}

impl TestVisitor<'_> {
    fn visit_function(&mut self, attributes: &[Attribute], name: &syn::Ident, block: &Block) {
        let is_test = |attribute: &Attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "test");
        let is_test = attributes.iter().any(is_test);
        let mut reasons = ReasonVisitor::default();
        reasons.visit_block(block);
        let mut report = |fault: &str| self.tests.violations.push(format!("{}: {name} {fault}", self.file));
        if reasons.0.iter().any(|reason| reason.chars().count() < MIN_REASON_CHARS) {
            report("gives no reason for documented providers");
        }
        if !reasons.0.is_empty() && !is_test {
            report("asks for documented providers and is no test");
        }
        self.tests.all += usize::from(is_test);
        self.tests.documented += usize::from(!reasons.0.is_empty());
    }
}

impl<'a> Visit<'a> for TestVisitor<'_> {
    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        self.visit_function(&function.attrs, &function.sig.ident, &function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        self.visit_function(&function.attrs, &function.sig.ident, &function.block);
    }
}

fn tests(file: &str, code: &File) -> Tests {
    let mut visitor = TestVisitor { file, tests: Tests::default() };
    visitor.visit_file(code);
    visitor.tests
}

/// The faults of a list of files.
fn violations(files: impl IntoIterator<Item = (String, String)>) -> Vec<String> {
    let mut total = Tests::default();
    for (file, source) in files {
        let found = tests(&file, &rust::parse(&file, &source));
        total.all += found.all;
        total.documented += found.documented;
        total.violations.extend(found.violations);
    }
    if total.documented * 1_000 > total.all * MAX_PER_MILLE {
        let Tests { all, documented, .. } = total;
        total
            .violations
            .push(format!("{documented} of {all} tests have documented providers: {MAX_PER_MILLE} ‰ at most"));
    }
    total.violations
}

#[test]
fn few_tests_have_documented_providers_and_each_has_a_reason() {
    let found = violations(sources("tests/it"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn planted_uses_of_documented_providers_are_reported() {
    let asking = |argument: &str| {
        format!("#[tokio::test]\nasync fn a() {{\n    TestApp::as_documented({argument}).await;\n}}\n")
    };
    let others = "#[test]\nfn b() {}\n".repeat(19);
    let check = |source: &str| violations([("a.rs".to_owned(), source.to_owned())]);
    let good = asking("\"the test counts calls of a list\"") + &others;
    assert_eq!(check(&good), Vec::<String>::new());
    assert_eq!(check(&(asking("\"too short\"") + &others)).len(), 1);
    assert_eq!(check(&(asking("REASON") + &others)).len(), 1);
    assert_eq!(check(&(good.clone() + &asking("\"the test counts calls of a list\""))).len(), 1, "2 of 21 tests");
    let helper = "impl X {\n    fn new() {\n        TestApp::as_documented(\"a helper of several tests\");\n    }\n}\n";
    assert_eq!(check(&(helper.to_owned() + &others + &others)).len(), 1);
}

//! Views of data of any shape.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn any_data() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["(?s).{0,200}", "[a-z ]{0,3000}", "[A-Za-z0-9+/]{200,900}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    let name = prop_oneof![
        "[a-z]{1,8}",
        Just("html".to_owned()),
        Just("text".to_owned()),
        Just("content".to_owned()),
        Just("filename".to_owned()),
        Just("cursor".to_owned())
    ];
    leaf.prop_recursive(4, 200, 30, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..30).prop_map(Value::from),
            proptest::collection::hash_map(name.clone(), inner, 0..30).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// The data without nulls: what is left of it where nothing is cut.
fn whole(data: &Value) -> (Value, Cuts) {
    let mut cuts = Cuts::default();
    (simplified::simplified(data.clone(), &mut cuts), cuts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_view_is_never_too_long_never_invalid_and_says_what_it_cut(
        data in any_data(), message in "(?s).{0,900}", max in MIN_CHARS..6_000_usize,
    ) {
        let shown = show(&message, &data, max);
        prop_assert!(shown.text.chars().count() <= max, "{} of {max}", shown.text.chars().count());
        let (kept, cuts) = whole(&data);
        let is_whole = shown.data == kept && cuts == Cuts::default() && shown.text.starts_with(&message);
        let says = ["left out", "cut at", "shows the first"].iter().any(|word| shown.text.contains(word));
        prop_assert!(is_whole || says, "{}", shown.text);
        if !is_empty(&shown.data) {
            prop_assert!(shown.text.contains(&shown.data.to_string()), "the text has the data as it is");
        }
    }
}

#[test]
fn bytes_become_their_size_and_html_gives_way_to_its_text() {
    let file = json!({ "filename": "a.pdf", "contentType": "application/pdf", "content": "aGk=", "link": null });
    let mail = json!({ "text": "Hi", "html": "<p>Hi</p>", "attachments": [file], "photo": "A".repeat(400) });
    let shown = show("Read.", &mail, DEFAULT_CHARS);
    let file = json!({ "filename": "a.pdf", "contentType": "application/pdf", "size": 2 });
    assert_eq!(shown.data, json!({ "text": "Hi", "attachments": [file], "size": 300 }));
    let words =
        "The bytes of 2 files are left out: the view full has them. HTML beside the same text is left out 1 time.";
    assert_eq!(shown.text, format!("Read.\n{}\n{words}", shown.data));
    let alone = json!({ "html": "<p>Hi</p>", "text": "" });
    assert_eq!(show("", &alone, DEFAULT_CHARS).data, alone);
}

#[test]
fn the_last_fields_to_go_are_those_that_say_what_an_object_is() {
    let fields = (0..20).map(|at| (format!("a{at}"), json!("word ".repeat(20))));
    let mail = fields.chain([("subject".to_owned(), json!("Hello")), ("id".to_owned(), json!("m1"))]).collect();
    let shown = show("Read.", &Value::Object(mail), MIN_CHARS);
    assert_eq!((&shown.data["id"], &shown.data["subject"]), (&json!("m1"), &json!("Hello")), "{}", shown.text);
}

#[test]
fn a_long_list_shows_as_many_items_as_fit_and_names_the_way_to_the_others() {
    let mails: Vec<Value> = (0..50)
        .map(|at| json!({ "id": at.to_string(), "subject": format!("Mail {at}"), "text": "word ".repeat(400) }))
        .collect();
    let data = json!({ "emails": mails, "cursor": "p2" });
    let shown = show("50 mails.", &data, DEFAULT_CHARS);
    let count = shown.data["emails"].as_array().unwrap().len();
    assert!((15..50).contains(&count), "{count}");
    assert!(
        shown.text.contains(&format!("emails shows the first {count} of 50: call again with limit {count}")),
        "{}",
        shown.text
    );
    assert_eq!(shown.data.get("cursor"), None, "it leads behind what is not shown");
    let short = show("1 mail.", &json!({ "emails": [{ "id": "1" }], "cursor": "p2" }), DEFAULT_CHARS);
    assert!(short.text.ends_with("There are more: call again with this cursor."), "{}", short.text);
}

//! Reproducible mutations of test inputs.

use serde_json::{Value, json};

/// Reproducible random numbers: SplitMix64 (Steele, Lea, Flood 2014).
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A random number below `most`.
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(most).unwrap()).unwrap()
    }

    fn choose<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

const FRAGMENTS: [&str; 24] = [
    "",
    "\"",
    "\\",
    "{",
    "}}",
    "[",
    ",",
    ":",
    "null",
    "-1",
    "1e309",
    "\0",
    "\r\n",
    "\r\nBcc: x@y.co",
    "é",
    "\u{2028}",
    "💥",
    "=?utf-8?B?DQo=?=",
    "%0d%0a",
    "..",
    "@",
    "<",
    "&state=",
    "9999999999999999999999",
];

/// A seed with up to five changes: fragments inserted or replaced, bits flipped, ends truncated, two seeds joined.
pub(super) fn mutated(rng: &mut Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = seeds[rng.below(seeds.len())].clone();
    for _ in 0..=rng.below(5) {
        let (a, b) = (rng.below(input.len() + 1), rng.below(input.len() + 1));
        let (from, to) = (a.min(b), a.max(b));
        match rng.below(6) {
            0 => drop(input.splice(from..from, rng.choose(&FRAGMENTS).bytes())),
            1 => drop(input.splice(from..to.min(from + 8), rng.choose(&FRAGMENTS).bytes())),
            2 => input.truncate(to),
            3 => drop(input.drain(from..to.min(from + 12))),
            4 => input.extend_from_slice(&seeds[rng.below(seeds.len())]),
            _ => {
                if let Some(byte) = input.get_mut(from) {
                    *byte ^= 1 << rng.below(8);
                }
            }
        }
    }
    input
}

/// A response with some of its values replaced, removed or added; one in eight is not valid JSON.
pub(super) fn mutated_json(rng: &mut Rng, good: &Value) -> Vec<u8> {
    let mut value = good.clone();
    for _ in 0..rng.below(4) {
        mutate_value(rng, &mut value);
    }
    let text = value.to_string().into_bytes();
    match rng.below(32) {
        0 => vec![],
        1 => b"<html>502 Bad Gateway</html>".to_vec(),
        2 => "[".repeat(5000).into_bytes(),
        3 => mutated(rng, &[text]),
        _ => text,
    }
}

fn mutate_value(rng: &mut Rng, value: &mut Value) {
    let deeper = rng.below(4) > 0;
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let name = fields.keys().nth(rng.below(fields.len())).unwrap().clone();
            match rng.below(6) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert("ok".to_owned(), random_value(rng))),
                2 => drop(fields.insert("error".to_owned(), random_value(rng))),
                _ => mutate_value(rng, &mut fields[&name]),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => match rng.below(4) {
            0 => items.clear(),
            1 => items.push(random_value(rng)),
            _ => {
                let at = rng.below(items.len());
                mutate_value(rng, &mut items[at]);
            }
        },
        other => *other = random_value(rng),
    }
}

fn random_value(rng: &mut Rng) -> Value {
    match rng.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(false),
        3 => json!(0),
        4 => json!(-1.5e300),
        5 => json!(u64::MAX),
        6 => json!(""),
        7 => json!("../.."),
        8 => json!("a\r\nb"),
        9 => json!("x".repeat(70_000)),
        10 => json!([]),
        11 => json!({}),
        12 => json!([[{ "id": 1 }]]),
        13 => json!({ "code": "unauthorized", "message": ["no"] }),
        14 => json!("true"),
        _ => json!("already_reacted"),
    }
}

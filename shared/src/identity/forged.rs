//! Tokens that must not be accepted: forged, damaged, or meant for another audience. One table; every entry is refused.

use super::tests::{ATTACKER_KEY, ISSUER, ISSUER_KEY, Issuer, NOW, claims, key_set, rs256, token, verifier};
use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

type ForgedTokens = Vec<(String, String)>;

fn header(changes: Value) -> String {
    let mut header = json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" });
    header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    header.to_string()
}

fn segment(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Adds tokens with no algorithm, a wrong one, or an unknown one.
fn add_algorithms(table: &mut ForgedTokens) {
    for none in ["none", "None", "NONE", "nOnE", "none "] {
        let unsigned = format!("{}.{}", segment(header(json!({ "alg": none }))), segment(claims().to_string()));
        table.push((format!("alg {none:?} without a signature"), format!("{unsigned}.")));
        table.push((
            format!("alg {none:?} with one"),
            ISSUER_KEY.sign(&header(json!({ "alg": none })), &claims().to_string()),
        ));
    }
    let public = ISSUER_KEY.jwk("k1");
    let modulus = public["n"].as_str().unwrap();
    let secrets = [
        ("the key set", key_set("k1").to_string().into_bytes()),
        ("the key", public.to_string().into_bytes()),
        ("the modulus's text", modulus.as_bytes().to_vec()),
        ("the modulus", URL_SAFE_NO_PAD.decode(modulus).unwrap()),
        ("nothing", vec![]),
    ];
    for (secret_name, secret) in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header { kid: Some("k1".to_owned()), ..Header::new(algorithm) };
            let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
            table.push((format!("{algorithm:?} with {secret_name} as its secret"), forged));
        }
    }
    let others = ["RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "rs256", "", "RS256\u{0}", "RS 256", "HS256"];
    let wrong = [json!(null), json!(256), json!(["RS256"]), json!({ "RS256": 1 }), json!(true)];
    for alg in others.map(Value::from).into_iter().chain(wrong) {
        let header = header(json!({ "alg": alg }));
        table.push((format!("alg {alg} over an RS256 signature"), ISSUER_KEY.sign(&header, &claims().to_string())));
    }
    table.push(("no alg".to_owned(), ISSUER_KEY.sign(r#"{"kid":"k1"}"#, &claims().to_string())));
}

/// Adds tokens whose header names another key, or none.
fn add_keys(table: &mut ForgedTokens) {
    let long = "k".repeat(4096);
    for kid in [
        "",
        "k2",
        "K1",
        "k1 ",
        " k1",
        "k1\u{0}",
        "\u{212a}1",
        "ｋ1",
        "../../../dev/null",
        "/dev/null",
        "x",
        "novel",
        "k1' OR '1'='1",
        "k1; DROP TABLE keys",
        "k1\n",
        "http://evil.example.com/k1",
        "$(id)",
        &long,
    ] {
        let header = header(json!({ "kid": kid }));
        table.push((format!("kid {:?}", &kid[..kid.len().min(40)]), ATTACKER_KEY.sign(&header, &claims().to_string())));
        table.push((
            format!("kid {:?}, signed", &kid[..kid.len().min(40)]),
            ISSUER_KEY.sign(&header, &claims().to_string()),
        ));
    }
    for kid in [json!(null), json!(1), json!(["k1"]), json!({ "k1": 1 })] {
        table.push((format!("kid {kid}"), ISSUER_KEY.sign(&header(json!({ "kid": kid })), &claims().to_string())));
    }
    let evil = ATTACKER_KEY.jwk("k1");
    let own = [
        json!({ "jwk": evil }),
        json!({ "jwk": evil, "kid": null }),
        json!({ "jku": "https://evil.example.com/jwks" }),
        json!({ "jku": format!("{ISSUER}/jwks") }),
        json!({ "x5u": "https://evil.example.com/chain" }),
        json!({ "x5c": ["MIIB"] }),
        json!({ "crit": ["exp"] }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "crit": [] }),
        json!({ "crit": "exp" }),
    ];
    for changes in own {
        for (signer, key) in [("an attacker", &ATTACKER_KEY), ("the issuer", &ISSUER_KEY)] {
            table.push((format!("{changes} by {signer}"), key.sign(&header(changes.clone()), &claims().to_string())));
        }
    }
    table.push(("an attacker's signature".to_owned(), ATTACKER_KEY.sign(&header(json!({})), &claims().to_string())));
}

/// Adds tokens with claims that the issuer signed and that are wrong, missing or duplicated.
fn add_claims(table: &mut ForgedTokens) {
    let wrong = [
        ("exp", json!([NOW - 31, NOW - 30, 0, -1, (NOW + 60).to_string(), "never", [], {}, true, [NOW + 60]])),
        ("nbf", json!([NOW + 31, NOW + 3600, (NOW - 1).to_string(), "", [], {}, true])),
        (
            "iss",
            json!([
                "",
                7,
                [],
                {},
                format!("{ISSUER}/"),
                format!("{ISSUER}.evil.com"),
                "HTTPS://id.example.com",
                "http://id.example.com",
                "id.example.com",
                format!(" {ISSUER}"),
                format!("{ISSUER}\u{0}"),
                [ISSUER],
                [ISSUER, "https://evil.example.com"],
                "https://ｉd.example.com"
            ]),
        ),
        (
            "aud",
            json!(["", 7, [], {}, "plugin-engine ", "Plugin-Engine", "plugin-engine2", "plugin", ["other"],
            "other,plugin-engine", { "plugin-engine": 1 }, "plugin\u{2010}engine"]),
        ),
        ("sub", json!(["", " ", "\u{a0}", 7, [], {}, ["u1"], true, "u\u{0}1", "u1\n", "u".repeat(257)])),
        ("scope", json!([["act-as"], 7, { "act-as": true }])),
    ];
    for (claim, values) in wrong {
        for value in values.as_array().unwrap() {
            let shown: String = value.to_string().chars().take(40).collect();
            table.push((format!("{claim} {shown}"), token("k1", json!({ claim: value }))));
        }
    }
    for claim in ["exp", "iss", "aud", "sub"] {
        table.push((format!("{claim} null"), token("k1", json!({ claim: null }))));
        let mut without = claims();
        without.as_object_mut().unwrap().remove(claim);
        table.push((format!("no {claim}"), ISSUER_KEY.sign(&header(json!({})), &without.to_string())));
    }
    for (name, value) in claims().as_object().unwrap() {
        let twice = claims().to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
        table.push((format!("{name} twice"), ISSUER_KEY.sign(&header(json!({})), &twice)));
    }
    let other = claims().to_string().replacen('{', r#"{"sub":"victim","s\u0075b":"u1","#, 1);
    table
        .push(("sub three times, once written with an escape".to_owned(), ISSUER_KEY.sign(&header(json!({})), &other)));
    for name in ["alg", "kid", "typ"] {
        let twice = header(json!({})).replacen('{', &format!("{{\"{name}\":\"k1\","), 1);
        table.push((format!("{name} twice"), ISSUER_KEY.sign(&twice, &claims().to_string())));
    }
    for text in ["", "null", "[]", "\"x\"", "{", "{}", "{\"sub\":\"u1\"", "\u{feff}{}", &"[".repeat(3000)] {
        table.push((format!("claims {:?}", &text[..text.len().min(20)]), ISSUER_KEY.sign(&header(json!({})), text)));
        table.push((format!("header {:?}", &text[..text.len().min(20)]), ISSUER_KEY.sign(text, &claims().to_string())));
    }
}

/// Adds variants of a valid token: damaged, truncated, mixed with another, or encoded differently.
fn add_damaged(table: &mut ForgedTokens) {
    let (good, other) = (token("k1", json!({})), token("k1", json!({ "sub": "victim" })));
    let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three segments") };
    let [_, other_body, other_signature] = other.split('.').collect::<Vec<_>>()[..] else { panic!("three segments") };
    let mut add = |name: &str, token: String| table.push((name.to_owned(), token));
    add("another token's signature", format!("{head}.{body}.{other_signature}"));
    add("another token's claims", format!("{head}.{other_body}.{signature}"));
    add("nothing", String::new());
    add("dots", "..".to_owned());
    add("two segments", format!("{head}.{body}"));
    add("an empty signature", format!("{head}.{body}."));
    add("an empty header", format!(".{body}.{signature}"));
    add("empty claims", format!("{head}..{signature}"));
    add("four segments", format!("{good}.{signature}"));
    add("five, as of a JWE", format!("{good}.{body}.{signature}"));
    add("a dot in front", format!(".{good}"));
    add("a dot behind", format!("{good}."));
    add("a doubled signature", format!("{good}{signature}"));
    add("padding", format!("{good}="));
    add("a line break within", format!("{head}.{body}\n.{signature}"));
    add("a space within", format!("{head}. {body}.{signature}"));
    add("a zero-width space within", format!("{head}.\u{200b}{body}.{signature}"));
    add("a full-width dot", format!("{head}\u{ff0e}{body}.{signature}"));
    add("the JSON form", json!({ "protected": head, "payload": body, "signature": signature }).to_string());
    add("claims in the clear", format!("{head}.{}.{signature}", claims()));
    add("9 KiB of claims", token("k1", json!({ "pad": "x".repeat(9 * 1024) })));
    add("9 KiB of nothing", "a".repeat(9 * 1024));
    for cut in [1, 2, 40, signature.len() - 1, signature.len() + 3, good.len() - 10] {
        add(&format!("{cut} characters short"), good[..good.len() - cut].to_owned());
    }
    let length = good.len();
    for at in (0..length).step_by(length / 40).chain([length - 1, length - 2]) {
        for bit in [1, 32] {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= bit;
            add(&format!("bit {bit} of character {at}"), String::from_utf8(bytes).unwrap());
        }
    }
}

fn forged_tokens() -> ForgedTokens {
    let mut table = vec![];
    for part in [add_algorithms, add_keys, add_claims, add_damaged] {
        part(&mut table);
    }
    table
}

/// Returns the entries that are not refused with 401.
async fn accepted(verifier: &Verifier) -> Vec<String> {
    let mut accepted = vec![];
    for (name, token) in forged_tokens() {
        if !matches!(verifier.verify(&token).await, Err(Error::Unauthenticated(_))) {
            accepted.push(name);
        }
    }
    accepted
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the count is the result")]
async fn no_forged_token_is_accepted() {
    let verifier = rs256(&Issuer::with_keys(key_set("k1")));
    verifier.verify(&token("k1", json!({}))).await.expect("the token is valid before it is forged");
    let accepted = accepted(&verifier).await;
    assert!(accepted.is_empty(), "{accepted:#?}");
    let count = forged_tokens().len();
    assert!(count >= 60, "only {count} tokens");
    println!("{count} forged or damaged tokens, all refused");
}

#[tokio::test]
async fn planted_weaknesses_are_found() {
    let issuer = Issuer::with_keys(key_set("k1"));
    // The classic algorithm confusion: the public keys are used as the HMAC secret.
    let secret = JwtKeys::Secret(key_set("k1").to_string().into());
    let found = accepted(&verifier(&[Algorithm::HS256], secret, &issuer)).await;
    assert_eq!(found, ["HS256 with the key set as its secret"]);
    // A clock that is slow by one second, which extends the leeway.
    let slow = rs256(&issuer);
    slow.clock.advance(-jiff::SignedDuration::from_secs(1));
    assert_eq!(accepted(&slow).await, [format!("exp {}", NOW - 30)]);
    // An issuer that publishes an attacker's key.
    let taken_over = Issuer::with_keys(json!({ "keys": [ATTACKER_KEY.jwk("k1")] }));
    assert_eq!(accepted(&rs256(&taken_over)).await, ["an attacker's signature"]);
}

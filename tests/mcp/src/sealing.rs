//! The seal of a state that travels through the client: HMAC-SHA256 of the state and its owner.

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use aws_lc_rs::rand::SystemRandom;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_protocol::{Error, Result, StateOwner};

/// Length of a tag in bytes.
const TAG_BYTES: usize = 32;

/// Key of the seals, made anew with each process.
pub(crate) struct Sealer(Key);

impl Sealer {
    pub(crate) fn new() -> Self {
        #[expect(clippy::expect_used, reason = "the fixture cannot run without random bytes")]
        Self(Key::generate(HMAC_SHA256, &SystemRandom::new()).expect("random bytes"))
    }

    pub(crate) fn seal(&self, owner: StateOwner<'_>, state: &str) -> String {
        let tag = hmac::sign(&self.0, signed(owner, state).as_bytes());
        URL_SAFE_NO_PAD.encode([tag.as_ref(), state.as_bytes()].concat())
    }

    pub(crate) fn open(&self, owner: StateOwner<'_>, sealed: &str) -> Result<String> {
        let refused = || Error::InvalidParams("`requestState` is not one of this request".to_owned());
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| refused())?;
        let (tag, state) = bytes.split_at_checked(TAG_BYTES).ok_or_else(refused)?;
        let state = str::from_utf8(state).map_err(|_| refused())?;
        hmac::verify(&self.0, signed(owner, state).as_bytes(), tag).map_err(|_| refused())?;
        Ok(state.to_owned())
    }
}

/// The signed text. The state is the last line: JSON contains no line break.
fn signed(owner: StateOwner<'_>, state: &str) -> String {
    format!("{}\n{state}", owner.as_text())
}

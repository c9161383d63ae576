//! Random bytes for tokens and codes: from the system, or from a seeded generator for deterministic simulations.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A source of random strings; deterministic if seeded.
#[derive(Clone, Debug)]
pub(crate) struct Entropy {
    seed: Option<u64>,
}

impl Entropy {
    pub(crate) fn system() -> Self {
        Self { seed: None }
    }

    pub(crate) fn seeded(seed: u64) -> Self {
        Self { seed: Some(seed) }
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        match &mut self.seed {
            None => {
                // The call fails only if the operating system has no entropy; predictable tokens are acceptable in a test.
                let _ = rand::fill(bytes);
            }
            Some(state) => {
                for chunk in bytes.chunks_mut(8) {
                    let word = split_mix(state).to_le_bytes();
                    chunk.copy_from_slice(&word[..chunk.len()]);
                }
            }
        }
    }

    /// Returns `bytes` random bytes in unpadded base64url.
    pub(crate) fn token(&mut self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        URL_SAFE_NO_PAD.encode(buffer)
    }

    /// Returns `bytes` random bytes in lower-case hex.
    pub(crate) fn hex(&mut self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        buffer.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns a random version 4 UUID with dashes.
    pub(crate) fn uuid(&mut self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>): a small generator whose quality is sufficient for tests.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

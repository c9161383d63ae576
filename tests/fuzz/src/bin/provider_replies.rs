//! The libFuzzer program of `fuzz::provider_replies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::provider_replies(data));

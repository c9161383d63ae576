//! The libFuzzer program of `fuzz::intent_body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::intent_body(data));

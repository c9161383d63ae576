//! The libFuzzer program of `fuzz::callback_query`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::callback_query(data));

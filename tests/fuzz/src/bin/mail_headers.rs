//! The libFuzzer program of `fuzz::mail_headers`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::mail_headers(data));

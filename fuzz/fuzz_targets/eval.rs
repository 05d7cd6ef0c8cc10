#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| build_report_fuzz::eval(data));

//! Bytes of a file whose name ends in `.zip`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chela_documents_fuzz::read(bytes, "zip"));

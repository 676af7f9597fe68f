//! Reads bytes as one kind of file.

use std::sync::Once;
use std::time::Duration;

use chela_documents::{Limits, extract};

/// Reads a file of this ending, whatever it really is. A panic, a hang or too much memory is found by the fuzzer.
pub fn read(bytes: &[u8], ending: &str) {
    // The hook of the fuzzer aborts on panics that are caught; those that are not end the fuzzer anyway.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| drop(std::panic::take_hook()));
    let limits = Limits {
        unpacked: 16 * 1024 * 1024,
        characters: 20_000,
        pages: 20,
        time: Duration::from_secs(5),
        ..Limits::default()
    };
    // An error is an answer.
    if let Ok(extract) = extract(bytes, &format!("document.{ending}"), &limits) {
        assert!(extract.markdown.chars().count() <= limits.characters + 10);
    }
}

//! Samples with random damage. Nothing hangs, and what comes out keeps to its limits.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use chela_documents::{Limits, extract};
use proptest::prelude::*;
use proptest::sample::Index;
use support::{manifest, sample};

fn damage() -> impl Strategy<Value = (Index, Vec<(Index, u8)>, Option<Index>)> {
    let bytes = prop::collection::vec((any::<Index>(), any::<u8>()), 0..40);
    (
        any::<Index>(),
        bytes,
        prop::option::weighted(0.3, any::<Index>()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_documents_are_read_or_refused((which, changes, end) in damage()) {
        let files: Vec<String> = manifest().into_keys().collect();
        let file = which.get(&files);
        let mut bytes = sample(file);
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()) + 1);
        }
        let limits = Limits {
            characters: 5_000,
            time: Duration::from_secs(5),
            ..Limits::default()
        };
        let start = tokio::time::Instant::now();
        // A panic costs a child; a hang or an abort would end this test.
        let result = catch_unwind(AssertUnwindSafe(|| extract(&bytes, file, &limits)));
        prop_assert!(start.elapsed() < Duration::from_secs(60), "{file} takes too long");
        if let Ok(Ok(extract)) = result {
            prop_assert!(extract.markdown.chars().count() <= limits.characters + 10);
        }
    }
}

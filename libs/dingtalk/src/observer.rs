//! Who keeps count of calls, because a month has only so many (protocol reference §4.10).

use crate::error::Error;

/// Hears of every call of a [`crate::Client`] that has come to its end. Must not block.
pub trait CallObserver: Send + Sync + 'static {
    /// A call was made. `api` is its path without what varies, such as `v1.0/card/streaming`. A call that our own limit
    /// kept from being made is not told, nor one whose future was dropped.
    fn called(&self, api: &'static str, result: Result<(), &Error>);
}

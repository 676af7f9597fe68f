//! What all model services have in common, whichever interface they speak: one request, a stream of events, failures.
//!
//! `call` asks, and asks again until the first word; `exchange` reads one response, `sse` finds the events
//! in it, a `reader` of the interface understands them, and `failure` gives everything that can go wrong one of the
//! engine's kinds, with the help of what `said` finds in the server's words.
//!
//! # Why this is not the `genai` crate
//!
//! genai 0.7.2 was to do this. Measured against a fake server, it cannot do what is asked here:
//!
//! * a 200 that is no event stream (a login page, `{"error": …}`) ends like an empty answer, its text is gone;
//! * without `[DONE]`, finish reason and usage are lost, and an answer that was cut off looks complete;
//! * `"error": null` in an event counts as an error, and the text beside it is lost;
//! * `qwen-max` is sent as model `qwen` with `reasoning_effort: max` (so for every name that ends in `-max`, `-high`, …);
//! * an event without end is searched again from its start for each chunk, without limit: 4 MB took 11 s of blocked
//!   runtime in a debug build; the body of an HTTP error has no limit either (one of 50 MB: 218 MB resident).
//!
//! All but one of these lie in its reader, and without the reader little of it remains to be used.

mod call;
mod caller;
mod exchange;
pub(crate) mod failure;
mod prices;
mod quoted;
mod reader;
mod retry;
mod said;
mod settings;
mod sse;

pub(crate) use self::call::Call;
pub(crate) use self::caller::Caller;
pub use self::caller::client_builder;
pub use self::prices::Prices;
pub(crate) use self::reader::Reader;
pub use self::retry::Retry;
pub use self::settings::{KeyHeader, Settings, SetupError, probably_reasons};

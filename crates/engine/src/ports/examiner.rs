//! Who examines a bot when an owner asks for it in a chat.

use futures_util::future::BoxFuture;

use crate::id::AccountId;

/// Examines bots.
pub trait Examiner: Send + Sync + 'static {
    /// What is well and what is not with a bot, as a short text for its owner. Ends by itself within a minute, says then
    /// what it found so far, and never panics. Dropping the future ends the examination.
    fn examine(&self, account: AccountId) -> BoxFuture<'static, String>;
}

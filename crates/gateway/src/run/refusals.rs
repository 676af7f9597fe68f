//! Tells in the log, by code, what was pushed and could not be understood.

use std::sync::Arc;

use chela_engine::id::AccountId;
use dingtalk::stream::{Ack, Handler, Push};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::catalogue::{Code, Language, run};

/// A handler whose refusals are told.
pub(super) struct Refusals {
    pub(super) account: AccountId,
    pub(super) language: Language,
    pub(super) inner: Arc<dyn Handler>,
}

impl Handler for Refusals {
    fn push(&self, push: Push) -> BoxFuture<'static, Ack> {
        let (account, language, id) = (self.account.clone(), self.language, push.id.clone());
        let answered = self.inner.push(push);
        answered
            .inspect(move |ack| {
                if *ack == Ack::Malformed {
                    tell(&account, id.as_str(), language);
                }
            })
            .boxed()
    }
}

/// `push` is the id of the push; empty for a frame that has none.
pub(super) fn tell(account: &AccountId, push: &str, language: Language) {
    let code = Code::PushMalformed;
    let words = run::told(code);
    tracing::warn!(%account, %code, push, "{}", words.get(language));
}

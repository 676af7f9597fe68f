//! What is counted as what: the one place to change when the platform counts otherwise.

use serde::{Deserialize, Serialize};

/// What an organisation has so many of in a month (protocol reference §4.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Calls of the Open API.
    Calls,
    /// "Webhook & Stream": what is pushed to bots, and what is sent to webhooks.
    Messages,
}

/// A message that was pushed.
pub(in crate::dingtalk) const PUSHED_MESSAGE: &str = "stream/message";
/// A press of a button that was pushed.
pub(in crate::dingtalk) const PUSHED_PRESS: &str = "stream/card";
/// A plain answer by the session webhook.
pub(super) const SESSION_REPLY: &str = "robot/sendBySession";

/// From which budget a call is paid; `None`: it is free. `api` is the name that `dingtalk` has for it, or one of the
/// pushes above.
///
/// What the documents leave open is taken for the worse: replies to session webhooks and pressed buttons count as
/// messages, and what is not known is a call.
pub fn budget(api: &str) -> Option<Budget> {
    match api {
        // Token, single sign-on and contacts (protocol reference §4.10; KB API/1432).
        "oauth2/accessToken" | "topapi/v2/user/get" => None,
        PUSHED_MESSAGE | PUSHED_PRESS | SESSION_REPLY | "robot/send" => Some(Budget::Messages),
        _ => Some(Budget::Calls),
    }
}

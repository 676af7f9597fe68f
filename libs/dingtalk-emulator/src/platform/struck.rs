//! What a fault answers in the platform's place (protocol reference §9.7).

use crate::fault::Effect;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::failure::{ApiFailure, OapiFailure};

impl Platform {
    /// What a fault answers in the request's place, or `None` when the request is looked at.
    pub(crate) fn answer_of_fault(&mut self, effect: Effect, call: &Call) -> Option<Answer> {
        match effect {
            Effect::TooFast => Some(ApiFailure::too_fast().into()),
            Effect::Status { status } => Some(busy(status).into()),
            Effect::UnknownError => Some(ApiFailure::unknown_error().into()),
            Effect::Undelivered => {
                self.cards.next_delivery_fails = true;
                None
            }
            Effect::OapiBusy => Some(OapiFailure::new(-1, "系统繁忙").into()),
            Effect::BlockPage => Some(Answer::BlockPage),
            Effect::InvalidateToken => {
                self.tokens.invalidate_all();
                None
            }
            Effect::ExpireWebhook => {
                if let Some(session) = call.query.get("session") {
                    self.sessions.expire(session);
                }
                None
            }
            Effect::Redirect => Some(Answer::Redirect(format!("{}{}", self.base(), call.target))),
            Effect::SlowBody { .. }
            | Effect::HangingBody
            | Effect::CutBody
            | Effect::ClaimLength { .. }
            | Effect::EndlessBody
            | Effect::Latency { .. }
            | Effect::LateAnswer { .. }
            | Effect::LoseResponse
            | Effect::CutBefore
            | Effect::Stall => None,
        }
    }
}

fn busy(status: u16) -> ApiFailure {
    match status {
        429 => ApiFailure::new(429, "system.busy", "system busy, request too frequest"),
        503 => ApiFailure::new(503, "system.busy", "系统繁忙"),
        _ => ApiFailure::new(status, "system.error", "系统错误"),
    }
}

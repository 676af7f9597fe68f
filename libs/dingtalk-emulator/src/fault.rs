//! Faults on demand: each names the requests that it strikes, how often, and what it does to them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// A fault in the platform, waiting for requests to strike (protocol reference §9.7).
///
/// ```
/// use dingtalk_emulator::Fault;
/// let fault = Fault::lose_response().on("/robot/sendBySession").times(2);
/// assert_eq!(fault.path, "/robot/sendBySession");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[must_use = "give it to Emulator::fault"]
pub struct Fault {
    /// Strikes requests whose path begins with this. Default `/`, which is all but the control API and the page.
    pub path: String,
    /// How many requests it still strikes. Default 1.
    pub remaining: u32,
    /// What it does.
    pub effect: Effect,
}

/// What a fault does to a request.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
#[non_exhaustive]
pub enum Effect {
    /// Waits before the request is looked at. Combines with another fault on the same request.
    Latency {
        /// Milliseconds of tokio's time.
        milliseconds: u64,
    },
    /// Carries the request out at once, and answers late: a client that gives up has been served all the same.
    LateAnswer {
        /// Milliseconds of tokio's time.
        milliseconds: u64,
    },
    /// 403 `Forbidden.AccessDenied.QpsLimitForAppkeyAndApi`; nothing is carried out.
    TooFast,
    /// An HTTP status with `system.busy` (429, 503) or `system.error`; nothing is carried out.
    Status {
        /// The HTTP status, 400 to 599.
        status: u16,
    },
    /// 500 `unknownError` 「未知错误」, as streaming to a card was seen to get; nothing is carried out.
    UnknownError,
    /// The next delivery of a card comes to nothing: HTTP 200, and `success` is false for every space. Strikes requests
    /// that deliver.
    Undelivered,
    /// 200 with `errcode` -1 «系统繁忙», for paths of oapi.*; nothing is carried out.
    OapiBusy,
    /// The request is carried out, then the connection ends without an answer.
    LoseResponse,
    /// The connection ends before the request is looked at.
    CutBefore,
    /// The request is read and never answered.
    Stall,
    /// A block page of the firewall before the platform: HTTP 200, HTML, `status` 1111.
    BlockPage,
    /// All access tokens become invalid, then the request is looked at.
    InvalidateToken,
    /// The session webhook that the request uses expires, then the request is looked at.
    ExpireWebhook,
    /// HTTP 302 to the same address; nothing is carried out. The next request there is served, unless it is struck too.
    Redirect,
    /// The answer's body comes in ten pieces, with a wait before each.
    SlowBody {
        /// Milliseconds of tokio's time before each piece.
        milliseconds: u64,
    },
    /// Half of the answer's body comes, then nothing; the connection stays open.
    HangingBody,
    /// Half of the answer's body comes, then the connection ends.
    CutBody,
    /// `Content-Length` tells this number whatever the body has: a longer body is cut there, and after a shorter one
    /// the connection ends.
    ClaimLength {
        /// Bytes.
        bytes: u64,
    },
    /// The body has no `Content-Length` and never ends: after what it should have been come zeros, as fast as they
    /// are read.
    EndlessBody,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $effect:expr;)+) => {
        impl Fault {$(
            $(#[$doc])*
            pub fn $name() -> Self {
                Self::of($effect)
            }
        )+}
    };
}

constructors! {
    /// See [`Effect::TooFast`].
    too_fast => Effect::TooFast;
    /// See [`Effect::UnknownError`].
    unknown_error => Effect::UnknownError;
    /// See [`Effect::Undelivered`].
    undelivered => Effect::Undelivered;
    /// See [`Effect::OapiBusy`].
    oapi_busy => Effect::OapiBusy;
    /// See [`Effect::LoseResponse`].
    lose_response => Effect::LoseResponse;
    /// See [`Effect::CutBefore`].
    cut_before => Effect::CutBefore;
    /// See [`Effect::Stall`].
    stall => Effect::Stall;
    /// See [`Effect::BlockPage`].
    block_page => Effect::BlockPage;
    /// See [`Effect::InvalidateToken`].
    invalidate_token => Effect::InvalidateToken;
    /// See [`Effect::ExpireWebhook`].
    expire_webhook => Effect::ExpireWebhook;
    /// See [`Effect::Redirect`].
    redirect => Effect::Redirect;
    /// See [`Effect::HangingBody`].
    hanging_body => Effect::HangingBody;
    /// See [`Effect::CutBody`].
    cut_body => Effect::CutBody;
    /// See [`Effect::EndlessBody`].
    endless_body => Effect::EndlessBody;
}

impl Fault {
    /// A fault that strikes the next request, whatever it is.
    pub fn of(effect: Effect) -> Self {
        Self {
            path: "/".to_owned(),
            remaining: 1,
            effect,
        }
    }

    /// See [`Effect::Latency`].
    pub fn latency(latency: Duration) -> Self {
        Self::of(Effect::Latency {
            milliseconds: whole_millis(latency),
        })
    }

    /// See [`Effect::LateAnswer`].
    pub fn late_answer(latency: Duration) -> Self {
        Self::of(Effect::LateAnswer {
            milliseconds: whole_millis(latency),
        })
    }

    /// See [`Effect::SlowBody`].
    pub fn slow_body(pause: Duration) -> Self {
        Self::of(Effect::SlowBody {
            milliseconds: whole_millis(pause),
        })
    }

    /// See [`Effect::ClaimLength`].
    pub fn claim_length(bytes: u64) -> Self {
        Self::of(Effect::ClaimLength { bytes })
    }

    /// See [`Effect::Status`].
    pub fn status(status: u16) -> Self {
        Self::of(Effect::Status { status })
    }

    /// Strikes only requests whose path begins so.
    pub fn on(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Strikes so many requests.
    pub fn times(mut self, times: u32) -> Self {
        self.remaining = times;
        self
    }

    /// Strikes until it is [cleared](crate::Emulator::clear_faults).
    pub fn always(self) -> Self {
        self.times(u32::MAX)
    }
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The faults that wait, in the order in which they were ordered.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
    /// Until this wall time nothing gets through to or from the platform.
    outage_until_ms: Option<i64>,
    /// Cancelled when an outage begins, for the requests that are under way then.
    outage: CancellationToken,
}

impl Effect {
    /// The effect's name in records and in the control API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::LateAnswer { .. } => "lateAnswer",
            Self::TooFast => "tooFast",
            Self::Status { .. } => "status",
            Self::UnknownError => "unknownError",
            Self::Undelivered => "undelivered",
            Self::OapiBusy => "oapiBusy",
            Self::LoseResponse => "loseResponse",
            Self::CutBefore => "cutBefore",
            Self::Stall => "stall",
            Self::BlockPage => "blockPage",
            Self::InvalidateToken => "invalidateToken",
            Self::ExpireWebhook => "expireWebhook",
            Self::Redirect => "redirect",
            Self::SlowBody { .. } => "slowBody",
            Self::HangingBody => "hangingBody",
            Self::CutBody => "cutBody",
            Self::ClaimLength { .. } => "claimLength",
            Self::EndlessBody => "endlessBody",
        }
    }
}

/// What strikes one request.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Strike {
    pub(crate) latency: Option<Duration>,
    pub(crate) effect: Option<Effect>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.waiting.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.outage_until_ms = None;
    }

    /// Makes every request take so much longer instead of what it took before; zero ends it.
    pub(crate) fn slow_down(&mut self, milliseconds: u64) {
        self.waiting
            .retain(|fault| !matches!(fault.effect, Effect::Latency { .. }));
        if milliseconds > 0 {
            self.add(Fault::of(Effect::Latency { milliseconds }).always());
        }
    }

    pub(crate) fn waiting(&self) -> &[Fault] {
        &self.waiting
    }

    pub(crate) fn begin_outage(&mut self, until_ms: i64) {
        self.outage_until_ms = Some(until_ms);
        std::mem::take(&mut self.outage).cancel();
    }

    /// Cancelled when the next outage begins.
    pub(crate) fn next_outage(&self) -> CancellationToken {
        self.outage.clone()
    }

    pub(crate) fn is_outage(&self, now_ms: i64) -> bool {
        self.outage_until_ms
            .is_some_and(|until_ms| now_ms < until_ms)
    }

    pub(crate) fn outage_left_ms(&self, now_ms: i64) -> i64 {
        self.outage_until_ms
            .map_or(0, |until_ms| (until_ms - now_ms).max(0))
    }

    /// The first latency and the first other fault for this path; each of them has one strike less then.
    pub(crate) fn strike(&mut self, path: &str) -> Strike {
        let mut strike = Strike::default();
        if self.waiting.is_empty() {
            return strike;
        }
        for fault in self
            .waiting
            .iter_mut()
            .filter(|fault| fault.remaining > 0 && path.starts_with(&fault.path))
        {
            match fault.effect {
                Effect::Latency { milliseconds } if strike.latency.is_none() => {
                    strike.latency = Some(Duration::from_millis(milliseconds));
                }
                Effect::Latency { .. } => continue,
                other if strike.effect.is_none() => strike.effect = Some(other),
                _ => continue,
            }
            if fault.remaining != u32::MAX {
                fault.remaining -= 1;
            }
        }
        self.waiting.retain(|fault| fault.remaining > 0);
        strike
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_strike_in_order_and_as_often_as_asked() {
        let mut faults = Faults::default();
        faults.add(Fault::status(503).on("/v1.0/robot").times(2));
        faults.add(Fault::stall());
        faults.add(Fault::latency(Duration::from_millis(5)).always());
        let struck: Vec<_> = [
            "/v1.0/robot/x",
            "/gettoken",
            "/v1.0/robot/x",
            "/v1.0/robot/x",
        ]
        .map(|path| faults.strike(path).effect)
        .into();
        assert_eq!(
            struck,
            [
                Some(Effect::Status { status: 503 }),
                Some(Effect::Stall),
                Some(Effect::Status { status: 503 }),
                None
            ]
        );
        assert_eq!(faults.strike("/").latency, Some(Duration::from_millis(5)));
    }
}

//! How the cards of a bot look.

use std::time::Duration;

use chela_channels::dingtalk::{Look, StatusLine, Streaming};

use crate::config::document::{CardStreamingMode, DingtalkAccount};

/// The platform asks for half a second between two calls on one card (protocol reference §4.10).
const SHORTEST: Duration = Duration::from_millis(500);

/// As in the OpenClaw plugin.
const SHORTEST_PAUSE: Duration = Duration::from_secs(60);

/// The look that an account asks for.
pub(super) fn look(account: &DingtalkAccount) -> Look {
    let set = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let template = set(&account.card_template_id);
    let is_chosen = template.is_some();
    let mut look = template.map_or_else(Look::default, |template| Look::of(template.trim()));
    if let Some(key) = set(&account.card_template_key) {
        look.key = key.trim().to_owned();
    }
    if let Some(has_blocks) = account.card_template_blocks.filter(|_| is_chosen) {
        look.has_blocks = has_blocks;
    }
    look.is_silent = account.card_notifications == Some(false);
    look.streaming = match (account.card_streaming_mode, account.streaming) {
        (Some(CardStreamingMode::Off), _) => Streaming::Off,
        (Some(CardStreamingMode::All), _) => Streaming::All,
        (None, Some(streaming)) if !streaming.0 => Streaming::Off,
        (Some(CardStreamingMode::Answer) | None, _) => Streaming::Answer,
    };
    if let Some(interval) = account.card_stream_interval {
        look.interval = Duration::from_millis(interval.get().into()).max(SHORTEST);
    }
    let pause = account.aicard_degrade_ms;
    look.pause = pause.map(|pause| Duration::from_millis(pause.get().into()).max(SHORTEST_PAUSE));
    if let Some(line) = &account.card_status_line {
        let default = StatusLine::default();
        look.status = StatusLine {
            model: line.model.unwrap_or(default.model),
            effort: line.effort.unwrap_or(default.effort),
            agent: line.agent.unwrap_or(default.agent),
            elapsed: line.task_time.unwrap_or(default.elapsed),
            tokens: line.tokens.unwrap_or(default.tokens),
            calls: line.dapi_usage.unwrap_or(default.calls),
            label: line.label.unwrap_or(default.label),
        };
    }
    look
}

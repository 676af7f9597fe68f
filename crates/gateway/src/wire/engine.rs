//! The engine's knobs as the configuration turns them.

use chela_engine::settings::{Allowance, Settings};

use crate::config::Config;

/// The engine's knobs. What the configuration does not know stays at the engine's default.
pub(crate) fn settings(config: &Config) -> Settings {
    let mut settings = Settings {
        concurrent_turns: config.max_concurrent_turns,
        direct_reset: config.session.direct,
        group_reset: config.session.group,
        utc_offset: local_offset(),
        person_per_day: Allowance {
            tokens: config.budgets.person_per_day.tokens,
            cost: config.budgets.person_per_day.cost,
        },
        ..Settings::default()
    };
    // The configuration counts the running one.
    settings.queue.waiting = config.queue_capacity.saturating_sub(1);
    settings.queue.tell = config.show_position;
    settings.intake.bytes = config.media.largest;
    if let Some(gather_text) = config.media.gather_text {
        settings.queue.gather_text = gather_text;
        if gather_text.is_zero() {
            settings.queue.gather_files = gather_text;
        }
    }
    // One deadline for all agents: the longest that any of them was given.
    if let Some(longest) = config.agents.values().map(|agent| agent.timeout).max() {
        settings.turn_deadline = longest;
    }
    settings
}

/// How far the clock of this machine is ahead of UTC now, in seconds.
fn local_offset() -> i32 {
    let zone = jiff::tz::TimeZone::system();
    zone.to_offset(jiff::Timestamp::now()).seconds()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::config::{Environment, parse};

    fn read(text: &str) -> Settings {
        let environment = Environment::of([]);
        let loaded = parse(Path::new("chela.json"), text, &environment).unwrap();
        settings(&loaded.config)
    }

    #[test]
    fn attachments_and_bursts_are_as_the_file_says() {
        let usual = read("{}");
        assert_eq!(usual.intake.bytes, 20 << 20);
        assert_eq!(usual.queue.gather_text, Duration::ZERO);
        assert_eq!(usual.queue.gather_files, Duration::from_millis(1_500));
        let waiting = read("{ messages: { inbound: { debounceMs: 3000 } } }");
        assert_eq!(waiting.queue.gather_text, Duration::from_secs(3));
        let hasty = read("{ messages: { inbound: { debounceMs: 0 } } }");
        assert_eq!(hasty.queue.gather_files, Duration::ZERO);
        let bot =
            r#"{ channels: { dingtalk: { clientId: "d", clientSecret: "s", mediaMaxMb: 3 } } }"#;
        assert_eq!(read(bot).intake.bytes, 3 << 20);
    }
}

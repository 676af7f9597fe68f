//! The engine's knobs as the configuration turns them.

use chela_engine::settings::Settings;

use crate::config::Config;

/// The engine's knobs. What the configuration does not know stays at the engine's default.
pub(crate) fn settings(config: &Config) -> Settings {
    let mut settings = Settings {
        concurrent_turns: config.max_concurrent_turns,
        direct_idle: config.session.direct_idle,
        group_idle: config.session.group_idle,
        ..Settings::default()
    };
    // The configuration counts the running one.
    settings.queue.waiting = config.queue_capacity.saturating_sub(1);
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

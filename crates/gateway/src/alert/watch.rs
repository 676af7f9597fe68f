//! Looks at the signs every few seconds and tells what is new and what is over.

use std::time::Duration;

use chela_engine::ports::Clock;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::incident::{Found, Incident, Signs, find};
use super::notebook::{Entry, Notebook, Told};
use super::robot::Robot;
use crate::catalogue::{Language, alerts as words};
use crate::state::StateDirectory;

/// What is needed to watch.
pub struct Watch {
    /// Who tells the operator, if anybody does. Everything is logged besides.
    pub robot: Option<Robot>,
    /// Where is noted what was told.
    pub state: StateDirectory,
    /// The language of the installation.
    pub language: Language,
}

/// Between two looks. A robot may speak 20 times a minute (protocol reference §4.12); each look speaks once at most.
const INTERVAL: Duration = Duration::from_secs(5);
/// The longest pause after a robot that refused.
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);

/// Watches until the shutdown. Never fails and never holds anything else up: what a robot does not take is told later.
pub async fn watch(
    watch: Watch,
    look: impl Fn() -> Signs,
    clock: &dyn Clock,
    stop: &CancellationToken,
) {
    let notebook = Notebook::at(&watch.state.alerts());
    let mut told = notebook.read().await;
    let mut logged = told.clone();
    let (mut pause, mut not_before) = (INTERVAL, Instant::now());
    // When the news were first told, or tried to be.
    let mut since = None;
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = find(&look());
        let news = News::between(&logged, &now);
        news.log(watch.language);
        news.note(&mut logged);
        let news = News::between(&told, &now);
        if news.is_empty() {
            since = None;
            continue;
        }
        if Instant::now() < not_before {
            continue;
        }
        let key = news.key(*since.get_or_insert(clock.now().0));
        let said = match &watch.robot {
            Some(robot) => {
                let text = news.text(watch.language);
                let title = words::TITLE.get(watch.language);
                let said = robot.say(title, &text, key, clock.now().0);
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    said = said => said,
                }
            }
            None => Ok(()),
        };
        match said {
            Ok(()) => {
                pause = INTERVAL;
                since = None;
                news.note(&mut told);
                notebook.write(&told).await;
            }
            Err(error) => {
                let code = crate::catalogue::Code::AlertFailed;
                let words = crate::catalogue::run::told(code);
                tracing::error!(%code, %error, "{}", words.get(watch.language));
                not_before = Instant::now() + pause;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// What has changed since it was last told.
struct News {
    begun: Vec<(String, Incident)>,
    over: Vec<(String, Entry)>,
}

impl News {
    fn between(told: &Told, now: &Found) -> Self {
        let is_new = |(name, incident): &(&String, &Incident)| {
            told.get(*name)
                .is_none_or(|entry| entry.level < incident.level)
        };
        let own = |(name, incident): (&String, &Incident)| (name.clone(), incident.clone());
        let is_over = |(name, _): &(&String, &Entry)| {
            !now.incidents.contains_key(*name) && !now.undecided.contains(*name)
        };
        let over = told.iter().filter(is_over);
        Self {
            begun: now.incidents.iter().filter(is_new).map(own).collect(),
            over: over
                .map(|(name, entry)| (name.clone(), entry.clone()))
                .collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.begun.is_empty() && self.over.is_empty()
    }

    fn note(self, told: &mut Told) {
        for (name, _) in self.over {
            told.remove(&name);
        }
        for (name, Incident { level, code, .. }) in self.begun {
            told.insert(name, Entry { level, code });
        }
    }

    fn log(&self, language: Language) {
        for (_, incident) in &self.begun {
            let words = words::begun(&incident.code, &incident.about);
            tracing::warn!(code = %incident.code, "{}", words.get(language));
        }
        for (name, entry) in &self.over {
            let words = words::over(&entry.code, name);
            tracing::info!(code = %entry.code, "{}", words.get(language));
        }
    }

    fn text(&self, language: Language) -> String {
        let mut lines = vec![format!("### {}", words::TITLE.get(language))];
        for (_, incident) in &self.begun {
            let words = words::begun(&incident.code, &incident.about);
            lines.push(format!("- 🔴 {}", words.get(language)));
        }
        for (name, entry) in &self.over {
            let words = words::over(&entry.code, name);
            lines.push(format!("- 🟢 {}", words.get(language)));
        }
        lines.join("\n")
    }

    /// The same news of the same time have the same key: a call whose answer was lost is not said again, and what happens
    /// once more is.
    fn key(&self, since: i64) -> String {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        since.hash(&mut hasher);
        for (name, incident) in &self.begun {
            (name, incident.level).hash(&mut hasher);
        }
        for (name, entry) in &self.over {
            (name, entry.level, "over").hash(&mut hasher);
        }
        format!("chela-{:016x}", hasher.finish())
    }
}

//! What needs a person, read off the signs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chela_channels::dingtalk::quota::{Budget, Gauge};

use crate::admin::{AccountStatus, QuotaStatus, State, Trouble};
use crate::catalogue::{Code, alerts as words};

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    /// The bots.
    pub accounts: Vec<AccountStatus>,
    /// What the store could not do lately.
    pub store_trouble: Option<Trouble>,
    /// The month of each organisation.
    pub quota: Vec<QuotaStatus>,
    /// Whether agents answer.
    pub model: ModelState,
    /// How often the gateway was started within some minutes after it had died.
    pub restarts: usize,
}

/// Whether agents answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModelState {
    /// Nobody has asked lately.
    #[default]
    Unknown,
    /// They do.
    Works,
    /// They have failed several times in a row.
    Fails(Code),
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// What needs a person now, by a name that stays the same while it lasts.
    pub(super) incidents: BTreeMap<String, Incident>,
    /// What may go on: after a start nobody knows yet.
    pub(super) undecided: BTreeSet<String>,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Incident {
    /// How bad it is: told again when it gets worse.
    pub(super) level: u8,
    /// Its code, as in `CHELA-3001`.
    pub(super) code: String,
    /// What it is about.
    pub(super) about: words::About,
}

/// From here on it is no accident.
const RESTARTS: usize = 3;
/// Percent of a month's quota that are told.
const THRESHOLDS: [u8; 3] = [100, 90, 70];

/// Reads the signs.
pub(super) fn find(signs: &Signs) -> Found {
    let mut undecided = BTreeSet::new();
    let mut found = BTreeMap::new();
    for account in &signs.accounts {
        let name = format!("bot:{}", account.account);
        match account.state {
            State::Parked => {
                let code = account.code.clone();
                let incident = Incident {
                    level: 0,
                    code: code.unwrap_or_else(|| Code::CredentialsRefused.to_string()),
                    about: words::About::Bot(account.account.clone()),
                };
                found.insert(name, incident);
            }
            State::Connecting | State::Reconnecting => {
                undecided.insert(name);
            }
            State::Connected | State::Conflict | State::Incomplete => {}
        }
    }
    if let Some(trouble) = &signs.store_trouble {
        let incident = Incident {
            level: 0,
            code: trouble.code.clone(),
            about: words::About::Store,
        };
        found.insert("store".to_owned(), incident);
    }
    for quota in &signs.quota {
        let gauges = [
            (Budget::Calls, &quota.snapshot.calls),
            (Budget::Messages, &quota.snapshot.messages),
        ];
        for (budget, gauge) in gauges {
            if let Some(level) = crossed(gauge) {
                let name = match budget {
                    Budget::Calls => "calls",
                    Budget::Messages => "messages",
                };
                let code = if level == 100 {
                    Code::QuotaExhausted
                } else {
                    Code::QuotaLow
                };
                let incident = Incident {
                    level,
                    code: code.to_string(),
                    about: words::About::Quota {
                        budget,
                        bots: quota.accounts.join("、"),
                        used: gauge.limit.saturating_sub(gauge.left),
                        limit: gauge.limit,
                        answers_left: quota.snapshot.answers_left,
                    },
                };
                found.insert(format!("quota:{}:{name}", quota.organisation), incident);
            }
        }
    }
    match signs.model {
        ModelState::Unknown => {
            undecided.insert("model".to_owned());
        }
        ModelState::Works => {}
        ModelState::Fails(code) => {
            let incident = Incident {
                level: 0,
                code: code.to_string(),
                about: words::About::Model,
            };
            found.insert("model".to_owned(), incident);
        }
    }
    if signs.restarts >= RESTARTS {
        let incident = Incident {
            level: 0,
            code: Code::RestartLoop.to_string(),
            about: words::About::Restarts(signs.restarts),
        };
        found.insert("restarts".to_owned(), incident);
    }
    Found {
        incidents: found,
        undecided,
    }
}

fn crossed(gauge: &Gauge) -> Option<u8> {
    let used = gauge.limit.saturating_sub(gauge.left);
    let is_crossed = |percent: &u8| used * 100 >= gauge.limit * u64::from(*percent);
    THRESHOLDS.into_iter().find(is_crossed)
}

#[cfg(test)]
mod tests {
    use chela_channels::dingtalk::quota::{Cadence, Carrier, Snapshot};
    use chela_engine::time::Timestamp;

    use super::*;

    fn quota(left: u64) -> QuotaStatus {
        let gauge = |left| Gauge {
            limit: 100,
            used: 100 - left,
            left,
            per_day: 3,
            exhausted_at: None,
            is_refused: false,
        };
        QuotaStatus {
            organisation: "default".to_owned(),
            accounts: vec!["main".to_owned()],
            snapshot: Snapshot {
                calls: gauge(left),
                messages: gauge(80),
                answers_left: 7,
                cadence: Cadence::Fast,
                carrier: Carrier::Webhook,
                renewed_at: Timestamp(0),
            },
        }
    }

    #[test]
    fn quota_is_told_by_its_thresholds() {
        for (left, expected) in [(31, None), (30, Some(70)), (10, Some(90)), (0, Some(100))] {
            let signs = Signs {
                quota: vec![quota(left)],
                ..Signs::default()
            };
            let found = find(&signs).incidents;
            let level = found.get("quota:default:calls").map(|one| one.level);
            assert_eq!(level, expected, "{left}");
            assert_eq!(found.len(), usize::from(expected.is_some()));
        }
    }

    #[test]
    fn a_healthy_gateway_has_none() {
        let connected = AccountStatus {
            account: "main".to_owned(),
            client_id: "ding".to_owned(),
            state: State::Connected,
            last_frame_at: None,
            code: None,
            detail: None,
            cards_paused: None,
        };
        let mut signs = Signs {
            accounts: vec![connected],
            restarts: 2,
            ..Signs::default()
        };
        assert!(find(&signs).incidents.is_empty());
        signs.accounts[0].state = State::Parked;
        signs.restarts = 3;
        signs.model = ModelState::Fails(Code::AgentAuth);
        let found: Vec<_> = find(&signs).incidents.into_keys().collect();
        assert_eq!(found, ["bot:main", "model", "restarts"]);
        signs.accounts[0].state = State::Connecting;
        signs.model = ModelState::Unknown;
        let undecided: Vec<_> = find(&signs).undecided.into_iter().collect();
        assert_eq!(undecided, ["bot:main", "model"]);
    }
}

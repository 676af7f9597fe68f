//! Sessions, queue, administration, logging.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::accounts::CHANNEL;
use super::{Context, set};
use crate::config::document::{self, Bind, Gateway, Messages, Reset, ResetMode};
use crate::config::problem::{KeyPath, ProblemKind};
use crate::config::settings::{Admin, ConsoleStyle, Level, Logging, Session, defaults};
use chela_engine::settings::Reset as Ends;

pub(super) fn session(session: &document::Session) -> Session {
    let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
    let older = session.idle_minutes.map(minutes);
    let general = match &session.reset {
        Some(reset) => ends(reset, older),
        None => ends(&Reset::default(), older),
    };
    let by_type = session.reset_by_type.clone().unwrap_or_default();
    let by_channel = session.reset_by_channel.as_ref();
    let by_channel = by_channel.and_then(|resets| resets.get(CHANNEL).cloned());
    let of_kind = |by_type: Option<Reset>| {
        let nearest = by_channel.clone().or(by_type);
        nearest.map_or(general, |reset| ends(&reset, None))
    };
    Session {
        direct: of_kind(by_type.direct.or(by_type.dm)),
        group: of_kind(by_type.group),
    }
}

fn ends(reset: &Reset, older: Option<Duration>) -> Ends {
    let given = reset
        .idle_minutes
        .map(|minutes| Duration::from_secs(u64::from(minutes) * 60));
    match reset.mode {
        Some(ResetMode::None) => Ends {
            idle: None,
            hour: None,
        },
        Some(ResetMode::Daily) => Ends {
            idle: given,
            hour: Some(reset.at_hour.unwrap_or(defaults::HOUR)),
        },
        Some(ResetMode::Idle) | None => Ends {
            idle: Some(given.or(older).unwrap_or(defaults::IDLE)),
            // OpenClaw: when both are set, the earlier ends it.
            hour: reset.at_hour.filter(|_| reset.mode.is_none()),
        },
    }
}

pub(super) fn queue_capacity(messages: &Messages) -> usize {
    let given = messages.queue.as_ref().and_then(|queue| queue.cap);
    given.map_or(defaults::QUEUE_CAPACITY, |number| number as usize)
}

pub(super) fn admin(context: &mut Context<'_>, gateway: Gateway) -> Admin {
    let section = KeyPath::from("gateway");
    let custom = set(gateway.custom_bind_host);
    let address = match gateway.bind {
        None | Some(Bind::Loopback | Bind::Auto) => Some(defaults::ADMIN_ADDRESS),
        Some(Bind::Lan) => Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        Some(Bind::Tailnet) => {
            let (value, instead) = ("tailnet", "loopback");
            context.report(
                ProblemKind::TreatedAs { value, instead },
                section.key("bind"),
            );
            Some(defaults::ADMIN_ADDRESS)
        }
        Some(Bind::Custom) => custom.as_deref().and_then(|host| host.parse().ok()),
    };
    if address.is_none() {
        let kind = match custom {
            None => ProblemKind::MissingKey {
                missing: "customBindHost",
            },
            Some(text) => ProblemKind::NotAddress {
                text,
                schemes: "192.168.1.10 | ::1",
            },
        };
        context.report(kind, section.key("customBindHost"));
    }
    let token = gateway.auth.and_then(|auth| auth.token);
    Admin {
        address: address.unwrap_or(defaults::ADMIN_ADDRESS),
        port: gateway.port.unwrap_or(defaults::ADMIN_PORT),
        token: context.secret(token, &section.key("auth").key("token")),
    }
}

pub(super) fn logging(context: &Context<'_>, logging: document::Logging) -> Logging {
    use document::{ConsoleStyle as Style, Level as Given};
    Logging {
        level: match logging.level {
            None => Level::default(),
            Some(Given::Silent) => Level::Silent,
            Some(Given::Fatal | Given::Error) => Level::Error,
            Some(Given::Warn) => Level::Warn,
            Some(Given::Info) => Level::Info,
            Some(Given::Debug) => Level::Debug,
            Some(Given::Trace) => Level::Trace,
        },
        file: set(logging.file).map(|path| context.variables.environment.expand(&path)),
        console: match logging.console_style {
            None | Some(Style::Pretty | Style::Compact) => ConsoleStyle::Pretty,
            Some(Style::Json) => ConsoleStyle::Json,
        },
    }
}

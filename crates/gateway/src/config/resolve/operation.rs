//! Sessions, queue, administration, logging.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{Context, set};
use crate::config::document::{self, Bind, Gateway, Messages, Reset, ResetMode};
use crate::config::problem::{KeyPath, ProblemKind};
use crate::config::settings::{Admin, ConsoleStyle, Level, Logging, Session, defaults};

/// What stands for OpenClaw's reset at a certain hour.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn session(context: &mut Context<'_>, session: document::Session) -> Session {
    let section = KeyPath::from("session");
    let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
    let older = session.idle_minutes.map(minutes);
    let general = match session.reset {
        Some(reset) => idle(context, &reset, older, &section.key("reset")),
        None => Some(older.unwrap_or(defaults::IDLE)),
    };
    let by_type = session.reset_by_type.unwrap_or_default();
    let key = section.key("resetByType");
    let mut of_kind = |reset: Option<Reset>, name: &str| match reset {
        Some(reset) => idle(context, &reset, None, &key.key(name)),
        None => general,
    };
    let direct = if by_type.direct.is_some() {
        "direct"
    } else {
        "dm"
    };
    Session {
        direct_idle: of_kind(by_type.direct.or(by_type.dm), direct),
        group_idle: of_kind(by_type.group, "group"),
    }
}

fn idle(
    context: &mut Context<'_>,
    reset: &Reset,
    older: Option<Duration>,
    key: &KeyPath,
) -> Option<Duration> {
    let given = reset
        .idle_minutes
        .map(|minutes| Duration::from_secs(u64::from(minutes) * 60));
    match reset.mode {
        Some(ResetMode::None) => None,
        Some(ResetMode::Daily) => {
            let (value, instead) = ("daily", "idle, 24 h");
            context.report(ProblemKind::TreatedAs { value, instead }, key.key("mode"));
            Some(given.unwrap_or(DAY))
        }
        Some(ResetMode::Idle) | None => Some(given.or(older).unwrap_or(defaults::IDLE)),
    }
}

pub(super) fn queue_capacity(messages: Messages) -> usize {
    let given = messages.queue.and_then(|queue| queue.cap);
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

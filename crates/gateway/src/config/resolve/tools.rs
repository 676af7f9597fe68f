//! Tools: which agents have which, and the servers that bring more.

use std::time::Duration;

use chela_agents::Limits;
use chela_agents::mcp::{Endpoint, Settings};
use chela_agents::tool::{ApprovalRules, Profile, Rules, Untrusted};
use chela_engine::ports::Deciders;
use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::accounts::address;
use super::{Context, set};
use crate::config::document::{
    self, AgentTools, Approvers, McpServer, McpTransport, ToolApproval, ToolProfile, UntrustedCalls,
};
use crate::config::problem::{KeyPath, ProblemKind, Reference};
use crate::config::tools::Tools;

/// What a program gets of our variables. All others stay here: some are keys.
const INHERITED: [&str; 20] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
];

/// What is known before the rest is resolved.
pub(super) struct Given {
    pub(super) tools: document::Tools,
    pub(super) mcp: document::Mcp,
    pub(super) skills: document::Skills,
    pub(super) zone: Option<String>,
}

pub(super) fn resolve(context: &mut Context<'_>, given: Given) -> Tools {
    let zone = set(given.zone).filter(|zone| {
        let is_known = TimeZone::get(zone).is_ok();
        if !is_known {
            let key = KeyPath::from("agents.defaults.userTimezone");
            let kind = ProblemKind::UnknownName {
                what: Reference::TimeZone,
                name: zone.clone(),
                nearest: None,
            };
            context.report(kind, key);
        }
        is_known
    });
    let tools = given.tools;
    let limits = tools.limits.unwrap_or_default();
    let usual = Limits::default();
    let count = |number: Option<u32>, usual: usize| number.map_or(usual, |number| number as usize);
    let folders = given.skills.load.unwrap_or_default().extra_dirs;
    let environment = context.variables.environment;
    let folders = folders.unwrap_or_default();
    let folders = folders.iter().map(|folder| environment.expand(folder));
    Tools {
        rules: Rules {
            profile: tools.profile.map(profile),
            allow: tools.allow,
            also_allow: tools.also_allow.unwrap_or_default(),
            deny: tools.deny.unwrap_or_default(),
        },
        limits: Limits {
            rounds: count(limits.max_rounds, usual.rounds),
            time: limits
                .timeout_seconds
                .map_or(usual.time, |seconds| Duration::from_secs(seconds.into())),
            characters: count(limits.max_chars, usual.characters),
            ..usual
        },
        zone,
        skills: folders.collect(),
        servers: servers(context, given.mcp),
    }
}

/// Which calls of one agent need a yes: what is said of all, and of it.
pub(super) fn approval(all: Option<&ToolApproval>, own: Option<&ToolApproval>) -> ApprovalRules {
    let usual = ApprovalRules::default();
    let levels = || [own, all].into_iter().flatten();
    let require = levels().flat_map(|level| level.require.iter().flatten());
    let approvers = levels().find_map(|level| level.approvers);
    let untrusted = levels().find_map(|level| level.untrusted);
    let seconds = levels().find_map(|level| level.timeout_seconds);
    ApprovalRules {
        require: require.cloned().collect(),
        approvers: approvers.map_or(usual.approvers, |approvers| match approvers {
            Approvers::Asker => Deciders::Asker,
            Approvers::Owners => Deciders::Owners,
        }),
        untrusted: untrusted.map_or(usual.untrusted, |untrusted| match untrusted {
            UntrustedCalls::Ask => Untrusted::Ask,
            UntrustedCalls::Refuse => Untrusted::Refuse,
        }),
        patience: seconds.map_or(usual.patience, |seconds| {
            Duration::from_secs(seconds.into())
        }),
    }
}

/// What is said of one agent.
pub(super) fn rules(tools: Option<AgentTools>) -> Rules {
    let tools = tools.unwrap_or_default();
    Rules {
        profile: tools.profile.map(profile),
        allow: tools.allow,
        also_allow: tools.also_allow.unwrap_or_default(),
        deny: tools.deny.unwrap_or_default(),
    }
}

fn profile(profile: ToolProfile) -> Profile {
    match profile {
        ToolProfile::Minimal => Profile::Minimal,
        ToolProfile::Coding => Profile::Coding,
        ToolProfile::Messaging => Profile::Messaging,
        ToolProfile::Full => Profile::Full,
    }
}

fn servers(context: &mut Context<'_>, mcp: document::Mcp) -> Vec<Settings> {
    let section = KeyPath::from("mcp.servers");
    let servers = mcp.servers.unwrap_or_default().0.into_iter();
    let servers = servers.filter(|(_, server)| {
        server.enabled.unwrap_or(true) && !server.disabled.unwrap_or_default()
    });
    let mut settings = Vec::new();
    for (name, server) in servers {
        let key = section.key(&name);
        let Some(endpoint) = endpoint(context, &server, &key) else {
            continue;
        };
        let usual = Settings::new(name, endpoint);
        let filter = server.tool_filter.unwrap_or_default();
        let milliseconds = |given: Option<u32>, usual: Duration| {
            given.map_or(usual, |number| Duration::from_millis(number.into()))
        };
        settings.push(Settings {
            connect_timeout: milliseconds(server.connection_timeout_ms, usual.connect_timeout),
            request_timeout: milliseconds(server.request_timeout_ms, usual.request_timeout),
            include: filter.include.unwrap_or_default(),
            exclude: filter.exclude.unwrap_or_default(),
            read_only: server.read_only_tools.unwrap_or_default(),
            trusts_annotations: server.trust_annotations.unwrap_or_default(),
            ..usual
        });
    }
    settings
}

/// How a server is reached; what is wrong with it is reported.
fn endpoint(context: &mut Context<'_>, server: &McpServer, key: &KeyPath) -> Option<Endpoint> {
    let transport = server.transport.or(server.kind);
    if transport == Some(McpTransport::Sse) {
        let (value, instead) = ("sse", "enabled: false");
        context.report(
            ProblemKind::TreatedAs { value, instead },
            key.key("transport"),
        );
        return None;
    }
    let (command, url) = (set(server.command.clone()), set(server.url.clone()));
    let is_remote = match transport {
        Some(McpTransport::Stdio) => false,
        Some(_) => true,
        None => command.is_none() && url.is_some(),
    };
    if is_remote {
        let Some(url) = url else {
            context.report(ProblemKind::MissingKey { missing: "url" }, key.clone());
            return None;
        };
        let url = address(context, Some(url), "", &key.key("url"))?;
        let headers = server.headers.clone().unwrap_or_default().into_iter();
        let headers = headers.map(|(name, value)| (name, SecretString::from(value)));
        return Some(Endpoint::Http {
            url,
            headers: headers.collect(),
        });
    }
    let Some(command) = command else {
        context.report(ProblemKind::MissingKey { missing: "command" }, key.clone());
        return None;
    };
    let environment = context.variables.environment;
    let inherited = INHERITED.iter().filter_map(|name| {
        let value = environment.get(name)?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    let own = server.env.clone().unwrap_or_default();
    let variables = inherited.chain(own);
    let variables = variables.map(|(name, value)| (name, SecretString::from(value)));
    let folder = set(server.cwd.clone());
    Some(Endpoint::Program {
        command: environment.expand(&command).to_string_lossy().into_owned(),
        arguments: server.args.clone().unwrap_or_default(),
        environment: variables.collect(),
        folder: folder.map(|folder| environment.expand(&folder)),
    })
}

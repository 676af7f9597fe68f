//! Who answers in the place of a model.

use std::collections::BTreeMap;

use url::Url;

use super::{Context, set};
use crate::config::backends::{Acp, Application, Backend, OpenClaw};
use crate::config::document::{
    self, AcpBackend, AcpPermissions, AgentDefaults, AgentEntry, OpenaiBackend, OpenclawBackend,
    OpenclawTransport,
};
use crate::config::problem::{KeyPath, ProblemKind};
use crate::config::settings::Headers;
use crate::config::variable;

/// The backend of an agent; a section of its own replaces that of the defaults as a whole.
pub(super) fn backend(
    context: &mut Context<'_>,
    entry: &AgentEntry,
    defaults: &AgentDefaults,
    key: &KeyPath,
) -> Backend {
    let common = KeyPath::from("agents.defaults");
    let place = |is_own: bool, name: &str| {
        if is_own {
            key.key(name)
        } else {
            common.key(name)
        }
    };
    let chosen = entry.backend.or(defaults.backend).unwrap_or_default();
    let backend = match chosen {
        document::Backend::Builtin => return Backend::Builtin,
        document::Backend::Openclaw => {
            let key = place(entry.openclaw.is_some(), "openclaw");
            let section = entry.openclaw.clone().or(defaults.openclaw.clone());
            openclaw(context, section.unwrap_or_default(), &key)
        }
        document::Backend::Openai => {
            let key = place(entry.openai.is_some(), "openai");
            let section = entry.openai.clone().or(defaults.openai.clone());
            application(context, section.unwrap_or_default(), &key)
        }
        document::Backend::Acp => {
            let key = place(entry.acp.is_some(), "acp");
            let section = entry.acp.clone().or(defaults.acp.clone());
            let workspace = set(entry.workspace.clone()).or(set(defaults.workspace.clone()));
            acp(context, section.unwrap_or_default(), workspace, &key)
        }
    };
    backend.unwrap_or(Backend::Missing)
}

fn openclaw(context: &mut Context<'_>, section: OpenclawBackend, key: &KeyPath) -> Option<Backend> {
    let Some(given) = set(section.url) else {
        context.report(ProblemKind::MissingKey { missing: "url" }, key.clone());
        return None;
    };
    Some(Backend::OpenClaw(OpenClaw {
        url: socket_address(context, &given, &key.key("url"))?,
        token: context.secret(section.token, &key.key("token")),
        password: context.secret(section.password, &key.key("password")),
        agent: set(section.agent).unwrap_or_else(|| "main".to_owned()),
        guest_agent: set(section.guest_agent),
        owners: section.owners.unwrap_or_default().into_iter().collect(),
        transport: section.transport.unwrap_or(OpenclawTransport::Auto),
        keep_sessions: section.keep_sessions.unwrap_or(false),
    }))
}

/// An address of a gateway, whose one port speaks WebSocket and HTTP.
fn socket_address(context: &mut Context<'_>, given: &str, key: &KeyPath) -> Option<Url> {
    let url = Url::parse(given)
        .ok()
        .filter(|url| matches!(url.scheme(), "ws" | "wss" | "http" | "https") && url.has_host());
    if url.is_none() {
        let kind = ProblemKind::NotAddress {
            text: given.to_owned(),
            schemes: "ws:// | wss://",
        };
        context.report(kind, key.clone());
    }
    url
}

fn application(
    context: &mut Context<'_>,
    section: OpenaiBackend,
    key: &KeyPath,
) -> Option<Backend> {
    let Some(given) = set(section.base_url) else {
        let missing = "baseUrl";
        context.report(ProblemKind::MissingKey { missing }, key.clone());
        return None;
    };
    let remembers = section.session_field.is_some() || section.session_header.is_some();
    let session_field = section.session_field.unwrap_or_else(|| "user".to_owned());
    Some(Backend::Application(Application {
        base_url: super::accounts::address(context, Some(given), "", &key.key("baseUrl"))?,
        api_key: context.secret(section.api_key, &key.key("apiKey")),
        model: set(section.model).unwrap_or_else(|| "default".to_owned()),
        headers: Headers::new(section.headers.unwrap_or_default()),
        session_field: set(Some(session_field)),
        session_header: set(section.session_header),
        send_history: section.send_history.unwrap_or(!remembers),
        images: section.images.unwrap_or(false),
        body: section.body.unwrap_or_default(),
    }))
}

fn acp(
    context: &mut Context<'_>,
    section: AcpBackend,
    workspace: Option<String>,
    key: &KeyPath,
) -> Option<Backend> {
    let Some(command) = set(section.command) else {
        let missing = "command";
        context.report(ProblemKind::MissingKey { missing }, key.clone());
        return None;
    };
    let environment = context.variables.environment;
    let passed_on = variable::PASSED_ON.iter().chain(&variable::SECURE_PROXIES);
    let mut variables: BTreeMap<String, String> = passed_on
        .filter_map(|name| Some(((*name).to_owned(), environment.get(name)?.to_owned())))
        .collect();
    variables.extend(section.env.unwrap_or_default());
    let directory = set(section.directory).or(workspace);
    Some(Backend::Acp(Acp {
        command: environment.expand(&command),
        arguments: section.args.unwrap_or_default(),
        environment: variables,
        directory: directory.map(|path| environment.expand(&path)),
        permissions: section.permissions.unwrap_or(AcpPermissions::Deny),
    }))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use chela_engine::id::AgentId;

    use crate::catalogue::Language;
    use crate::config::document::AcpPermissions;
    use crate::config::{Backend, Environment, Loaded, parse};

    fn load(agents: &str) -> Loaded {
        let environment = Environment::of([
            ("HOME", "/srv/lin"),
            ("PATH", "/usr/bin"),
            ("DINGTALK_CLIENT_SECRET", "not to be passed on"),
        ]);
        let text = format!("{{ agents: {agents} }}");
        parse(Path::new("chela.json"), &text, &environment).unwrap()
    }

    fn backend(agents: &str, id: &str) -> Backend {
        load(agents).config.agents[&AgentId::new(id)]
            .backend
            .clone()
    }

    #[test]
    fn an_agents_own_section_replaces_that_of_the_defaults() {
        let agents = r#"{
            defaults: { backend: "openclaw", openclaw: { url: "ws://127.0.0.1:18789", token: "t", owners: ["boss"] } },
            entries: {
                main: {},
                other: { openclaw: { url: "wss://claw.example.com", agent: "work" } },
                model: { backend: "builtin" },
            },
        }"#;
        let Backend::OpenClaw(main) = backend(agents, "main") else {
            panic!("it is OpenClaw");
        };
        assert_eq!((main.agent.as_str(), main.owners.len()), ("main", 1));
        assert!(main.token.is_some() && !main.keep_sessions);
        let Backend::OpenClaw(other) = backend(agents, "other") else {
            panic!("it is OpenClaw");
        };
        assert_eq!(
            (other.agent.as_str(), other.token.is_none()),
            ("work", true)
        );
        assert!(matches!(backend(agents, "model"), Backend::Builtin));
    }

    #[test]
    fn applications_that_remember_get_no_history() {
        let history = |section: &str| {
            let agents = format!(
                r#"{{ defaults: {{ backend: "openai", openai: {{ baseUrl: "http://localhost/v1", {section} }} }} }}"#
            );
            match backend(&agents, "main") {
                Backend::Application(application) => {
                    (application.session_field, application.send_history)
                }
                other => panic!("{other:?}"),
            }
        };
        let field = |name: &str| Some(name.to_owned());
        assert_eq!(history(""), (field("user"), true));
        assert_eq!(
            history(r#"sessionField: "chatId""#),
            (field("chatId"), false)
        );
        assert_eq!(
            history(r#"sessionField: "", sendHistory: true"#),
            (None, true)
        );
    }

    #[test]
    fn a_coding_agent_gets_little_of_our_environment() {
        let agents = r#"{ defaults: { workspace: "~/work", backend: "acp",
            acp: { command: "~/bin/agent", env: { KEY: "k" }, permissions: "allow-read" } } }"#;
        let Backend::Acp(acp) = backend(agents, "main") else {
            panic!("it is a coding agent");
        };
        let names: Vec<_> = acp.environment.keys().map(String::as_str).collect();
        assert_eq!(names, ["HOME", "KEY", "PATH"]);
        assert_eq!(acp.command, PathBuf::from("/srv/lin/bin/agent"));
        assert_eq!(acp.directory, Some(PathBuf::from("/srv/lin/work")));
        assert_eq!(acp.permissions, AcpPermissions::AllowRead);
        assert!(!format!("{acp:?}").contains("\"k\""));
    }

    #[test]
    fn what_is_missing_is_told_where_it_is_missing() {
        for (agents, key) in [
            (
                r#"{ defaults: { backend: "openclaw" } }"#,
                "agents.defaults.openclaw",
            ),
            (
                r#"{ list: [{ id: "a", backend: "openai", openai: {} }] }"#,
                "agents.list[0].openai",
            ),
            (
                r#"{ defaults: { backend: "acp", acp: { args: ["x"] } } }"#,
                "agents.defaults.acp",
            ),
            (
                r#"{ defaults: { backend: "openclaw", openclaw: { url: "ftp://x" } } }"#,
                "agents.defaults.openclaw.url",
            ),
            (
                r#"{ defaults: { backend: "claude" } }"#,
                "agents.defaults.backend",
            ),
            (
                r#"{ defaults: { backend: "acp", acp: { command: "x", permissions: "yes" } } }"#,
                "agents.defaults.acp.permissions",
            ),
        ] {
            let text = format!("{{ agents: {agents} }}");
            let failure = parse(Path::new("chela.json"), &text, &Environment::of([])).unwrap_err();
            let told = failure.render(Language::English);
            assert!(told.contains(key), "{agents}: {told}");
        }
    }
}

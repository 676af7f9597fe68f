//! From what the file says to what holds: both dialects become one, and every default is applied.

mod accounts;
mod agents;
mod alerts;
mod backends;
mod cards;
mod conversation;
mod media;
mod models;
mod network;
mod operation;
mod quota;
mod secrets;
mod tools;

use super::check::Variables;
use super::document::Document;
use super::problem::{KeyPath, Problem, ProblemKind, Reference, Segment, Severity};
use super::settings::{Config, Origin};
use super::tree::{Node, Span, Value};

/// Applies the defaults. Problems are added to `problems`; what is wrong gets a harmless stand-in.
pub(super) fn resolve(
    document: Document,
    origin: Origin,
    tree: &Node,
    variables: &Variables<'_>,
    problems: &mut Vec<Problem>,
) -> Config {
    let mut context = Context {
        tree,
        variables,
        secrets: document.secrets.unwrap_or_default(),
        approval: document
            .tools
            .as_ref()
            .and_then(|tools| tools.approval.clone()),
        problems,
    };
    let usual_reaction = document
        .messages
        .as_ref()
        .and_then(|messages| messages.ack_reaction.clone());
    let network = network::resolve(&mut context, document.proxy.unwrap_or_default());
    let channels = document.channels.unwrap_or_default();
    let accounts = accounts::resolve(&mut context, channels, usual_reaction, &network);
    let providers = models::providers(&mut context, document.models.unwrap_or_default());
    let agents = document.agents.unwrap_or_default();
    let messages = document.messages.unwrap_or_default();
    let tools = document.tools.unwrap_or_default();
    let given_tools = tools::Given {
        tools: tools.clone(),
        mcp: document.mcp.unwrap_or_default(),
        skills: document.skills.unwrap_or_default(),
        zone: agents
            .defaults
            .as_ref()
            .and_then(|defaults| defaults.user_timezone.clone()),
    };
    let given = media::Given {
        tools,
        media: document.media.unwrap_or_default(),
        inbound: messages.inbound.clone().unwrap_or_default(),
        workspaces: media::workspaces(&context, &agents),
    };
    let max_concurrent_turns = agents::max_concurrent_turns(&agents);
    let has_agents = agents::are_listed(&agents);
    let team = agents::resolve(&mut context, agents, &providers);
    let (bindings, agents) = agents::bindings(
        &mut context,
        document.bindings.unwrap_or_default(),
        agents::Known {
            agents: team.agents,
            all: has_agents,
        },
        &accounts,
    );
    let session = document.session.unwrap_or_default();
    conversation::check_names(&mut context, &agents);
    let mut accounts = accounts;
    let agents = conversation::group_agents(&mut context, &mut accounts.rules, agents, has_agents);
    let media = media::resolve(&mut context, given, accounts.media, &providers);
    let tools = tools::resolve(&mut context, given_tools);
    Config {
        origin,
        rules: chela_engine::router::Rules {
            accounts: accounts.rules,
            bindings,
            default_agent: team.default_agent,
            agents: conversation::profiles(&agents, &providers),
            session: conversation::scopes(&mut context, &session),
            commands: conversation::rights(&mut context, document.commands.unwrap_or_default()),
            queue: conversation::queue(&messages),
        },
        accounts: accounts.list,
        incomplete: accounts.incomplete,
        agents,
        max_concurrent_turns,
        network,
        providers,
        budgets: models::budgets(document.budgets.unwrap_or_default()),
        session: operation::session(&session),
        queue_capacity: operation::queue_capacity(&messages),
        show_position: conversation::show_position(&messages),
        media,
        alerts: alerts::resolve(&mut context, document.alerts.unwrap_or_default()),
        tools,
        admin: operation::admin(&mut context, document.gateway.unwrap_or_default()),
        logging: operation::logging(&context, document.logging.unwrap_or_default()),
    }
}

/// What every part needs while it is resolved.
struct Context<'a> {
    tree: &'a Node,
    variables: &'a Variables<'a>,
    secrets: super::document::Secrets,
    /// What is said of the calls of all agents.
    approval: Option<super::document::ToolApproval>,
    problems: &'a mut Vec<Problem>,
}

impl Context<'_> {
    /// What several bots or agents take from one place is wrong only once, and what follows from another fault is none.
    fn report(&mut self, kind: ProblemKind, key: KeyPath) {
        let is_known = |problem: &Problem| problem.kind == kind && problem.key == key;
        let is_consequence = |problem: &Problem| follows(&kind, &key, problem);
        if !self.problems.iter().any(is_known) && !self.problems.iter().any(is_consequence) {
            let span = place(self.tree, &key);
            self.problems.push(Problem { kind, key, span });
        }
    }

    /// Where a setting of a section stands: there, or in the section that it is taken from.
    fn origin(&self, own: &KeyPath, common: &KeyPath, name: &str) -> KeyPath {
        let own = own.key(name);
        if is_written(self.tree, &own) {
            own
        } else {
            common.key(name)
        }
    }
}

/// Whether a problem is only there because of another: a text that is missing because it was wrong, for instance.
fn follows(kind: &ProblemKind, key: &KeyPath, cause: &Problem) -> bool {
    if cause.kind.severity() != Severity::Error {
        return false;
    }
    match kind {
        ProblemKind::MissingCredential { missing } | ProblemKind::MissingKey { missing } => {
            let own = missing
                .split('.')
                .fold(key.clone(), |key, name| key.key(name));
            let common = KeyPath::from("channels.dingtalk").key(missing);
            own.is_within(&cause.key) || cause.key == common
        }
        ProblemKind::UnknownName { what, name, .. } => {
            let section = match what {
                Reference::Provider => "models.providers",
                Reference::SecretProvider => "secrets.providers",
                Reference::Agent | Reference::BoundAgent => "agents",
                Reference::Account => "channels.dingtalk.accounts",
                Reference::TimeZone => return false,
            };
            let section = KeyPath::from(section);
            let own = section.key(name);
            cause.key == section || cause.key.is_within(&own)
        }
        _ => cause.key == *key && kind.severity() == Severity::Error,
    }
}

/// The place of a setting, or of the nearest section around it; `None` in an empty file.
fn place(tree: &Node, key: &KeyPath) -> Option<Span> {
    let mut node = tree;
    let mut span = None;
    for segment in key.segments() {
        let next = match (segment, &node.value) {
            (Segment::Key(key), Value::Object(_)) => {
                node.get(key).map(|member| (&member.node, &member.key_span))
            }
            (Segment::Index(index), Value::List(nodes)) => {
                nodes.get(*index).map(|node| (node, &node.span))
            }
            _ => None,
        };
        let Some((inner, key_span)) = next else {
            break;
        };
        // A plain value is shown itself, a section by its name: it may go over many lines.
        span = Some(match inner.value {
            Value::Object(_) | Value::List(_) => key_span.clone(),
            _ => inner.span.clone(),
        });
        node = inner;
    }
    span
}

fn is_written(tree: &Node, key: &KeyPath) -> bool {
    node_at(tree, key).is_some()
}

fn text_at<'a>(tree: &'a Node, key: &KeyPath) -> Option<&'a str> {
    match &node_at(tree, key)?.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn node_at<'a>(tree: &'a Node, key: &KeyPath) -> Option<&'a Node> {
    let mut node = Some(tree);
    for segment in key.segments() {
        node = match (segment, node.map(|node| &node.value)) {
            (Segment::Key(key), Some(Value::Object(_))) => node
                .and_then(|node| node.get(key))
                .map(|member| &member.node),
            (Segment::Index(index), Some(Value::List(nodes))) => nodes.get(*index),
            _ => None,
        };
    }
    node
}

/// A text that says something: the product page writes `""` for "not set".
fn set(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

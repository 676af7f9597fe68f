//! The way to the internet: what the file says, then the environment.

use super::{Context, set};
use crate::config::document::{Proxy, SecretInput};
use crate::config::network::{AuthorityFile, Network, ProxyAddress, ProxySource};
use crate::config::problem::{KeyPath, ProblemKind};
use crate::config::variable;
use crate::media::Allowlist;
use crate::secret::{Secret, SecretSource};

pub(super) fn resolve(context: &mut Context<'_>, given: Proxy) -> Network {
    let section = KeyPath::from("proxy");
    let mut network = Network {
        resolves_names: given.resolves_names.unwrap_or_default(),
        ..Network::default()
    };
    authorities(
        context,
        &mut network,
        given.tls.and_then(|tls| set(tls.ca_file)),
    );
    match given.no_proxy {
        Some(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                if !except(&mut network, entry) {
                    let kind = ProblemKind::NotAddress {
                        text: entry.clone(),
                        schemes: "example.com | *.example.com | 10.0.0.0/8 | *",
                    };
                    context.report(kind, section.key("noProxy").index(index));
                }
            }
        }
        None => {
            // What is no name here means nothing to other programs either.
            let list = first(context, &variable::NO_PROXIES).map(|(_, list)| list);
            for entry in list.unwrap_or_default().split([',', ' ']) {
                except(&mut network, entry);
            }
        }
    }
    let own = source(context, given.proxy_url, &section.key("proxyUrl"));
    if given.enabled == Some(false) {
        return network;
    }
    let usual = |context: &mut Context<'_>, names: &[&str]| match &own {
        Some(source) => Some(source.clone()),
        None => from_environment(context, names),
    };
    network.secure = usual(context, &variable::SECURE_PROXIES);
    network.plain = usual(context, &variable::PLAIN_PROXIES);
    network
}

/// The way of a bot: its own proxy, none, or the usual one.
pub(super) fn of_bot(
    context: &mut Context<'_>,
    given: Option<SecretInput>,
    key: &KeyPath,
    usual: &Network,
) -> Network {
    let mut network = usual.clone();
    let is_none = |input: &SecretInput| matches!(input, SecretInput::Literal(text) if text.expose().trim() == "none");
    if given.as_ref().is_some_and(is_none) {
        (network.secure, network.plain) = (None, None);
    } else if let Some(source) = source(context, given, key) {
        network.secure = Some(source.clone());
        network.plain = Some(source);
    }
    network
}

fn source(
    context: &mut Context<'_>,
    given: Option<SecretInput>,
    key: &KeyPath,
) -> Option<ProxySource> {
    let address = context.secret(given, key)?;
    if let SecretSource::Given(text) = &address
        && ProxyAddress::parse(text.expose()).is_none()
    {
        context.report(not_proxy(), key.clone());
        return None;
    }
    Some(ProxySource {
        setting: key.to_string(),
        address,
    })
}

fn from_environment(context: &mut Context<'_>, names: &[&str]) -> Option<ProxySource> {
    let (name, text) = first(context, names)?;
    if ProxyAddress::parse(&text).is_none() {
        context.report(not_proxy(), KeyPath::from(name.as_str()));
        return None;
    }
    Some(ProxySource {
        setting: name,
        address: SecretSource::Given(Secret::new(text)),
    })
}

/// The text may hold a password, and what is wrong may be at any place of it.
fn not_proxy() -> ProblemKind {
    ProblemKind::NotAddress {
        text: "***".to_owned(),
        schemes: ProxyAddress::SCHEMES,
    }
}

fn first(context: &Context<'_>, names: &[&str]) -> Option<(String, String)> {
    names.iter().find_map(|name| {
        let value = context.variables.get(name)?.trim();
        (!value.is_empty()).then(|| ((*name).to_owned(), value.to_owned()))
    })
}

fn authorities(context: &Context<'_>, network: &mut Network, own: Option<String>) {
    let own = own.map(|path| ("proxy.tls.caFile".to_owned(), path));
    let others = variable::AUTHORITIES;
    let others = others.iter().filter_map(|name| first(context, &[*name]));
    for (setting, path) in own.into_iter().chain(others) {
        let path = context.variables.environment.expand(&path);
        if network.authorities.iter().all(|known| known.path != path) {
            network.authorities.push(AuthorityFile { setting, path });
        }
    }
}

/// Adds an entry of `NO_PROXY`: a name means everything below it, too. Tells whether it is one.
fn except(network: &mut Network, entry: &str) -> bool {
    let entry = entry.trim();
    if entry == "*" {
        network.except_all = true;
        return true;
    }
    let name = entry.strip_prefix("*.").or(entry.strip_prefix('.'));
    let list: &mut Allowlist = &mut network.except;
    let below = format!("*.{}", name.unwrap_or(entry));
    let is_below = list.add(&below);
    let is_itself = !entry.starts_with("*.") && list.add(name.unwrap_or(entry));
    is_below || is_itself
}

//! Which addresses go through which proxy.

use std::net::IpAddr;

use url::{Host, Url};

use crate::catalogue::{Code, Failure, outward as words};
use crate::config::{Network, ProxyAddress, ProxySource};
use crate::media::{Allowlist, Listed};

/// The proxies, and what goes past them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    secure: Option<Stop>,
    plain: Option<Stop>,
    except: Allowlist,
    pub(super) resolves_names: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stop {
    setting: String,
    address: ProxyAddress,
}

impl Route {
    pub(super) async fn prepare(network: &Network) -> Result<Self, Failure> {
        let (mut secure, mut plain) = (None, None);
        if !network.except_all {
            secure = stop(network.secure.as_ref()).await?;
            plain = stop(network.plain.as_ref()).await?;
        }
        Ok(Self {
            secure,
            plain,
            except: network.except.clone(),
            resolves_names: network.resolves_names,
        })
    }

    pub(super) fn has_proxies(&self) -> bool {
        self.proxies().next().is_some()
    }

    pub(super) fn proxies(&self) -> impl Iterator<Item = &ProxyAddress> {
        let stops = self.secure.iter().chain(&self.plain);
        stops.map(|stop| &stop.address)
    }

    pub(super) fn proxy(&self, url: &Url) -> Option<&ProxyAddress> {
        self.stop(url).map(|stop| &stop.address)
    }

    pub(super) fn setting(&self, url: &Url) -> Option<&str> {
        self.stop(url).map(|stop| stop.setting.as_str())
    }

    fn stop(&self, url: &Url) -> Option<&Stop> {
        let stop = match url.scheme() {
            "https" | "wss" => self.secure.as_ref(),
            _ => self.plain.as_ref(),
        };
        stop.filter(|_| !self.is_excepted(url))
    }

    /// This machine is never reached through another, whatever the lists say.
    fn is_excepted(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        let address = match url.host() {
            Some(Host::Domain(name)) => {
                let is_this_machine = name == "localhost" || name.ends_with(".localhost");
                return is_this_machine || self.except.name(name, port) == Listed::Yes;
            }
            Some(Host::Ipv4(address)) => IpAddr::from(address),
            Some(Host::Ipv6(address)) => IpAddr::from(address),
            None => return true,
        };
        address.is_loopback() || self.except.address(address, port)
    }
}

async fn stop(source: Option<&ProxySource>) -> Result<Option<Stop>, Failure> {
    let Some(source) = source else {
        return Ok(None);
    };
    let address = source.address.resolve().await;
    let address = address.map_err(|error| Failure::from(&error))?;
    let address = ProxyAddress::parse(address.expose()).ok_or_else(|| {
        Failure::new(Code::ConfigValue).message(words::no_proxy_address(&source.setting))
    })?;
    Ok(Some(Stop {
        setting: source.setting.clone(),
        address,
    }))
}

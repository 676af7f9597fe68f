//! Keeps requests for addresses that others have chosen away from this machine and its network.
//!
//! What a name resolves to is checked where it is resolved, so that the connection goes to exactly the address that was
//! checked: a name that means something else the next time gains nothing. Behind a SOCKS proxy that stays so. An HTTP proxy
//! looks names up itself; what then keeps requests away is said at [`Guard::bound`].

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dingtalk::download::Policy;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::address::{is_public, is_stand_in};
use super::allowlist::{Allowlist, Listed};
use crate::config::Via;
use crate::outward::{Names, Outward};

/// Finds the addresses of a name.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Which addresses may be reached. Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    rules: Arc<Rules>,
    lookup: Lookup,
    outward: Outward,
}

struct Rules {
    listed: Allowlist,
    /// Whether the public internet is not enough.
    only_listed: bool,
    loopback: bool,
    stand_ins: bool,
}

/// The address must not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address must not be reached")]
pub struct Refused;

/// Why a request is not made through a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbound {
    /// The address must not be reached.
    Refused,
    /// The name cannot be looked up here, and is not left to the proxy (`proxy.resolvesNames`).
    NotLookedUp,
}

/// An address to ask, and the host to ask for where the address is its number.
pub struct Bound {
    /// The address.
    pub url: Url,
    /// The header `Host`.
    pub host: Option<String>,
}

const CONNECT: Duration = Duration::from_secs(10);

impl Guard {
    /// For addresses that an answer names: the public internet, or what the list says if it says anything.
    pub fn for_answers(listed: Allowlist) -> Self {
        Self::new(Rules {
            only_listed: !listed.is_empty(),
            listed,
            loopback: false,
            stand_ins: false,
        })
    }

    /// For addresses that the platform names: the public internet, what is on the list besides, and this machine if the
    /// platform itself runs on it, as in the demo.
    pub fn for_platform<'a>(
        listed: Allowlist,
        endpoints: impl IntoIterator<Item = &'a Url>,
    ) -> Self {
        Self::new(Rules {
            only_listed: false,
            listed,
            loopback: endpoints.into_iter().any(is_loopback),
            stand_ins: true,
        })
    }

    fn new(rules: Rules) -> Self {
        Self {
            rules: Arc::new(rules),
            lookup: Arc::new(|name| {
                async move {
                    let found = tokio::net::lookup_host((name, 0)).await?;
                    Ok(found.map(|address| address.ip()).collect())
                }
                .boxed()
            }),
            outward: Outward::default(),
        }
    }

    /// Goes another way than straight to the internet.
    #[must_use]
    pub fn through(self, outward: Outward) -> Self {
        Self { outward, ..self }
    }

    /// Looks names up in another way.
    #[must_use]
    pub fn looking_up(self, lookup: Lookup) -> Self {
        Self { lookup, ..self }
    }

    /// The beginning of a client that reaches nothing else: it resolves names here and follows no redirects. Addresses
    /// that are numbers must be shown to [`Self::check`], and all that agents choose to [`Self::bound`].
    pub fn client_builder(&self) -> reqwest::ClientBuilder {
        let builder = reqwest::Client::builder()
            .dns_resolver(self.clone())
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        self.outward.with(builder, Names::Here)
    }

    /// What to ask so that an HTTP proxy, which looks names up itself, reaches nothing else than what was checked here.
    ///
    /// In the clear it is asked for the number that was checked. In TLS it is asked for the name: what the name means to it
    /// must show a certificate for that name. What cannot be looked up here, as in networks whose only way out is a proxy,
    /// is left to it only if an operator trusts it with that.
    ///
    /// # Errors
    /// When the address must not be reached, or cannot be checked.
    pub async fn bound(&self, url: &Url) -> Result<Bound, Unbound> {
        self.check(url).map_err(|Refused| Unbound::Refused)?;
        let as_it_is = Bound {
            url: url.clone(),
            host: None,
        };
        let proxy = self.outward.proxy(url);
        let (Some(Host::Domain(name)), Some(Via::Http)) = (url.host(), proxy.map(|it| it.via()))
        else {
            return Ok(as_it_is);
        };
        if self.rules.listed.name(name, url.port_or_known_default()) == Listed::Yes {
            return Ok(as_it_is);
        }
        let Ok(found) = (self.lookup)(name.to_owned()).await else {
            return match self.outward.resolves_names() && !self.rules.only_listed {
                true => Ok(as_it_is),
                false => Err(Unbound::NotLookedUp),
            };
        };
        let may = |address: &IpAddr| self.may_reach(*address, None);
        let Some(address) = found.into_iter().find(may) else {
            return Err(Unbound::Refused);
        };
        if url.scheme() == "https" {
            return Ok(as_it_is);
        }
        let host = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        let mut numbered = url.clone();
        numbered
            .set_ip_host(address)
            .map_err(|()| Unbound::Refused)?;
        Ok(Bound {
            url: numbered,
            host: Some(host),
        })
    }

    /// Whether a request may go to an address, as far as that can be told before its name is resolved.
    ///
    /// # Errors
    /// When it may not.
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none();
        let port = url.port_or_known_default();
        let may = match url.host() {
            Some(Host::Domain(name)) => self.may_resolve(name, port),
            Some(Host::Ipv4(address)) => self.may_reach(address.into(), port),
            Some(Host::Ipv6(address)) => self.may_reach(address.into(), port),
            None => false,
        };
        if is_plain && may {
            Ok(())
        } else {
            Err(Refused)
        }
    }

    fn may_resolve(&self, name: &str, port: Option<u16>) -> bool {
        match self.rules.listed.name(name, port) {
            Listed::Yes => true,
            // The resolver does not learn the port.
            Listed::OtherPort => false,
            // The proxy is ours to use, not to be asked for.
            Listed::No if self.outward.is_proxy(name) => false,
            Listed::No => !self.rules.only_listed || self.rules.listed.has_networks(),
        }
    }

    fn may_reach(&self, address: IpAddr, port: Option<u16>) -> bool {
        self.rules.listed.address(address, port) || self.is_open(address)
    }

    /// Whether an address may be reached that no list names.
    fn is_open(&self, address: IpAddr) -> bool {
        let rules = &self.rules;
        !rules.only_listed
            && (is_public(address)
                || rules.loopback && address.is_loopback()
                || rules.stand_ins && is_stand_in(address))
    }

    async fn addresses(self, name: String) -> Result<Vec<SocketAddr>, Resolution> {
        // Addresses with the name of the proxy do not come as far as here.
        let is_listed =
            self.rules.listed.name(&name, None) == Listed::Yes || self.outward.is_proxy(&name);
        let found = (self.lookup)(name).await?;
        let may = found
            .into_iter()
            .filter(|address| is_listed || self.may_reach(*address, None))
            .map(|address| SocketAddr::new(address, 0))
            .collect::<Vec<_>>();
        if may.is_empty() {
            return Err(Refused.into());
        }
        Ok(may)
    }
}

type Resolution = Box<dyn std::error::Error + Send + Sync>;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.clone().addresses(name.as_str().to_owned());
        async move {
            let addresses: Addrs = Box::new(addresses.await?.into_iter());
            Ok(addresses)
        }
        .boxed()
    }
}

impl Policy for Guard {
    fn allows(&self, url: &Url) -> bool {
        self.check(url).is_ok()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

//! The list of `mediaUrlAllowlist`: hosts, `*.suffix`, host:port, addresses and networks.

use std::net::IpAddr;

use url::Host;

/// Places from where files may be fetched. Empty: the list says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowlist {
    names: Vec<Name>,
    networks: Vec<Network>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    name: String,
    /// Whether only what ends in it is meant.
    is_suffix: bool,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    /// Leading bits that count.
    bits: u8,
    port: Option<u16>,
}

/// What the list says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// It is on the list.
    Yes,
    /// It is, but with another port.
    OtherPort,
    /// It is not.
    No,
}

impl Allowlist {
    /// Adds an entry as people write it; tells whether it is one.
    #[must_use]
    pub fn add(&mut self, entry: &str) -> bool {
        let entry = entry.trim();
        if let Some(network) = Network::parse(entry) {
            self.networks.push(network);
            return true;
        }
        let name = Name::parse(entry);
        let is_name = name.is_some();
        self.names.extend(name);
        is_name
    }

    /// Whether nothing is on it.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.networks.is_empty()
    }

    /// Whether an address may still come out for a name that is not on the list.
    pub(super) fn has_networks(&self) -> bool {
        !self.networks.is_empty()
    }

    /// Whether a name is on it; `None` for the port means any.
    pub(crate) fn name(&self, name: &str, port: Option<u16>) -> Listed {
        let name = name.trim_end_matches('.').to_lowercase();
        let mut listed = Listed::No;
        for entry in self.names.iter().filter(|entry| entry.means(&name)) {
            match (entry.port, port) {
                (Some(wanted), Some(port)) if wanted != port => listed = Listed::OtherPort,
                _ => return Listed::Yes,
            }
        }
        listed
    }

    /// Whether an address is on it; `None` for the port means any.
    pub(crate) fn address(&self, address: IpAddr, port: Option<u16>) -> bool {
        self.networks.iter().any(|network| {
            let same_port = match (network.port, port) {
                (Some(wanted), Some(port)) => wanted == port,
                _ => true,
            };
            same_port && network.holds(address)
        })
    }
}

impl Name {
    fn parse(entry: &str) -> Option<Self> {
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (entry, None),
        };
        let (name, is_suffix) = match name.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let Ok(Host::Domain(name)) = Host::parse(name) else {
            return None;
        };
        (!name.is_empty() && !name.contains('*')).then_some(Self {
            name,
            is_suffix,
            port,
        })
    }

    fn means(&self, name: &str) -> bool {
        match name.strip_suffix(&self.name) {
            Some("") => !self.is_suffix,
            Some(before) => self.is_suffix && before.ends_with('.'),
            None => false,
        }
    }
}

impl Network {
    fn parse(entry: &str) -> Option<Self> {
        if let Some((address, bits)) = entry.split_once('/') {
            let address: IpAddr = address.parse().ok()?;
            let bits = bits.parse().ok().filter(|bits| *bits <= width(address))?;
            return Some(Self {
                address,
                bits,
                port: None,
            });
        }
        let bare = entry.trim_start_matches('[').trim_end_matches(']');
        let (address, port) = match (bare.parse::<IpAddr>(), entry.parse()) {
            (Ok(address), _) => (address, None),
            (_, Ok::<std::net::SocketAddr, _>(socket)) => (socket.ip(), Some(socket.port())),
            _ => return None,
        };
        Some(Self {
            address,
            bits: width(address),
            port,
        })
    }

    fn holds(&self, address: IpAddr) -> bool {
        let number = |address| match address {
            IpAddr::V4(address) => u128::from(u32::from(address)),
            IpAddr::V6(address) => u128::from(address),
        };
        let rest = u32::from(width(self.address) - self.bits);
        let prefix = |address| number(address).checked_shr(rest).unwrap_or_default();
        width(address) == width(self.address) && prefix(address) == prefix(self.address)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> Allowlist {
        let mut list = Allowlist::default();
        for entry in entries {
            assert!(list.add(entry), "{entry}");
        }
        list
    }

    #[test]
    fn names_by_themselves_by_suffix_and_by_port() {
        let list = list(&["files.example.com", "*.cdn.example", "intra.example:8443"]);
        for (name, port, listed) in [
            ("files.example.com", 443, Listed::Yes),
            ("FILES.example.com.", 80, Listed::Yes),
            ("a.files.example.com", 443, Listed::No),
            ("a.cdn.example", 443, Listed::Yes),
            ("a.b.cdn.example", 443, Listed::Yes),
            ("cdn.example", 443, Listed::No),
            ("evilcdn.example", 443, Listed::No),
            ("intra.example", 8443, Listed::Yes),
            ("intra.example", 443, Listed::OtherPort),
        ] {
            assert_eq!(list.name(name, Some(port)), listed, "{name}:{port}");
        }
    }

    #[test]
    fn addresses_and_networks() {
        let list = list(&[
            "10.1.2.3",
            "192.168.0.0/16",
            "127.0.0.1:9000",
            "fd00::/8",
            "::1",
        ]);
        for (address, port, listed) in [
            ("10.1.2.3", 80, true),
            ("10.1.2.4", 80, false),
            ("192.168.200.1", 80, true),
            ("192.169.0.1", 80, false),
            ("127.0.0.1", 9000, true),
            ("127.0.0.1", 80, false),
            ("fd12::1", 80, true),
            ("fe80::1", 80, false),
            ("::1", 80, true),
        ] {
            let found = list.address(address.parse().unwrap(), Some(port));
            assert_eq!(found, listed, "{address}:{port}");
        }
    }

    #[test]
    fn what_is_no_entry_is_said() {
        for entry in [
            "",
            "*",
            "*.",
            "a b",
            "10.0.0.0/33",
            "host:port",
            "https://a.example",
        ] {
            assert!(!Allowlist::default().add(entry), "{entry}");
        }
        assert!(list(&["0.0.0.0/0"]).address("9.9.9.9".parse().unwrap(), None));
    }
}

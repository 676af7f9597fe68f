//! What the configuration and the environment say of the way to the internet.

use std::path::PathBuf;

use url::{Host, Url};

use crate::media::Allowlist;
use crate::secret::SecretSource;

/// The way to the internet.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The proxy for `https` and `wss`.
    pub secure: Option<ProxySource>,
    /// The proxy for `http` and `ws`.
    pub plain: Option<ProxySource>,
    /// What is reached without them.
    pub except: Allowlist,
    /// Whether nothing is reached through them.
    pub except_all: bool,
    /// Whether names that cannot be looked up here are left to them where agents choose the address.
    pub resolves_names: bool,
    /// Whose certificates are trusted beside those that the system trusts.
    pub authorities: Vec<AuthorityFile>,
}

/// Where a proxy is written down.
#[derive(Clone, Debug)]
pub struct ProxySource {
    /// The setting or the variable.
    pub setting: String,
    /// The address, which may hold a password.
    pub address: SecretSource,
}

/// A file with certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityFile {
    /// The setting or the variable that names it.
    pub setting: String,
    /// The file.
    pub path: PathBuf,
}

/// The address of a proxy. `Debug` and [`Self::shown`] leave out user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyAddress(Url);

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// HTTP with CONNECT, in the clear or in TLS.
    Http,
    /// SOCKS 5.
    Socks,
}

impl ProxyAddress {
    /// What addresses of proxies begin with.
    pub const SCHEMES: &'static str = "http:// | https:// | socks5:// | socks5h://";

    /// Reads an address; without a scheme, as in many a variable, it is HTTP's.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = match text.contains("://") {
            true => text.to_owned(),
            false => format!("http://{text}"),
        };
        let url = Url::parse(&whole).ok()?;
        let is_known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
        let has_name = url.host_str().is_some_and(|host| !host.is_empty());
        (is_known && has_name).then_some(Self(url))
    }

    /// What it speaks.
    pub fn via(&self) -> Via {
        match self.0.scheme() {
            "http" | "https" => Via::Http,
            _ => Via::Socks,
        }
    }

    /// Its host, as it is written.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        let usual = match self.via() {
            Via::Http => 80,
            Via::Socks => 1080,
        };
        self.0.port_or_known_default().unwrap_or(usual)
    }

    /// The address with user and password, for the client that connects.
    pub fn with_password(&self) -> &Url {
        &self.0
    }

    /// The same, with names looked up here where that can be chosen.
    #[must_use]
    pub fn resolving_here(&self) -> Self {
        let text = self.0.as_str();
        let other = text.strip_prefix("socks5h://");
        let other = other.and_then(|rest| Url::parse(&format!("socks5://{rest}")).ok());
        other.map_or_else(|| self.clone(), Self)
    }

    /// The address without user and password.
    pub fn shown(&self) -> String {
        let host = match self.0.host() {
            Some(Host::Ipv6(address)) => format!("[{address}]"),
            _ => self.host().to_owned(),
        };
        format!("{}://{host}:{}", self.0.scheme(), self.port())
    }
}

impl std::fmt::Debug for ProxyAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let shown = |text: &str| ProxyAddress::parse(text).map(|address| address.shown());
        for (text, expected) in [
            (
                "http://lin:p%40ss@proxy.example:3128/",
                "http://proxy.example:3128",
            ),
            ("proxy.example:8080", "http://proxy.example:8080"),
            ("https://proxy.example", "https://proxy.example:443"),
            ("socks5h://lin:secret@10.0.0.7", "socks5h://10.0.0.7:1080"),
            ("SOCKS5://[::1]:1080", "socks5://[::1]:1080"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected));
        }
        for text in [
            "",
            "ftp://proxy.example",
            "http://",
            "代理 服务器",
            "socks5://",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
        let debug = format!("{:?}", ProxyAddress::parse("http://lin:secret@a.example:1"));
        assert!(!debug.contains("secret"), "{debug}");
    }

    #[test]
    fn names_are_looked_up_here_only_where_that_can_be_chosen() {
        let here = |text: &str| {
            let address = ProxyAddress::parse(text)
                .expect("it is one")
                .resolving_here();
            address
                .with_password()
                .as_str()
                .trim_end_matches('/')
                .to_owned()
        };
        assert_eq!(
            here("socks5h://a:b@p.example:1"),
            "socks5://a:b@p.example:1"
        );
        assert_eq!(here("http://a:b@p.example:1"), "http://a:b@p.example:1");
    }
}

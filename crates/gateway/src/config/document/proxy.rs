//! `proxy`: the way to the internet.

use schemars::JsonSchema;
use serde::Deserialize;

use super::SecretInput;

/// The way to the internet. Without it the variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` hold, in
/// capitals or small letters. This machine itself is never reached through a proxy.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Proxy {
    /// Whether proxies are used at all, those of the environment included. Default: true.
    pub enabled: Option<bool>,
    /// The proxy for everything, `http://`, `https://`, `socks5://` (names are looked up here) or `socks5h://` (the proxy
    /// looks them up); with `user:password@` if it wants that. A bot may have its own.
    pub proxy_url: Option<SecretInput>,
    /// What is reached without it: `example.com` (and everything below it), `*.example.com`, `10.0.0.0/8`, `*`. In place
    /// of `NO_PROXY`.
    pub no_proxy: Option<Vec<String>>,
    /// Whether names that cannot be looked up here are left to an HTTP proxy, also where agents choose the address. The
    /// proxy must then itself keep them away from your network. Default: false.
    pub resolves_names: Option<bool>,
    /// Whose certificates are trusted.
    pub tls: Option<ProxyTls>,
}

/// Whose certificates are trusted, beside those that the system trusts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ProxyTls {
    /// A file of certificates (PEM), such as that of a company whose proxy reads along. Those of `SSL_CERT_FILE` and
    /// `NODE_EXTRA_CA_CERTS` are trusted, too.
    pub ca_file: Option<String>,
}

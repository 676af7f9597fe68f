//! A way to the internet: its proxies and its certificates, for whoever makes a client.

use std::sync::Arc;

use reqwest::{Certificate, ClientBuilder, Proxy};
use url::Url;

use super::route::Route;
use crate::catalogue::{Code, Failure, outward as words};
use crate::config::{AuthorityFile, Network, ProxyAddress};

/// A way to the internet. Cheap to clone.
#[derive(Clone, Default)]
pub struct Outward {
    route: Arc<Route>,
    authorities: Arc<[Authority]>,
}

#[derive(Clone)]
struct Authority {
    pem: Vec<u8>,
    certificates: Vec<Certificate>,
}

/// Who looks names up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Who the address of the proxy says.
    AsTold,
    /// We do, as far as the proxy can be asked for a number.
    Here,
}

impl Outward {
    /// Fetches the addresses of proxies and reads the certificates. Opens no connection.
    ///
    /// # Errors
    /// When one of them cannot be had or is none; the failure names the setting, and no password.
    pub async fn prepare(network: &Network) -> Result<Self, Failure> {
        let mut authorities = Vec::new();
        for file in &network.authorities {
            authorities.push(read(file).await?);
        }
        let outward = Self {
            route: Arc::new(Route::prepare(network).await?),
            authorities: authorities.into(),
        };
        // Certificates are looked into only when a client is made.
        if let (Some(file), Err(error)) = (network.authorities.first(), outward.client().build()) {
            return Err(unusable(file).caused_by(&error));
        }
        Ok(outward)
    }

    /// The beginning of a client that goes this way.
    pub fn client(&self) -> ClientBuilder {
        self.on(reqwest::Client::builder())
    }

    /// Lets a client go this way, whatever the environment of the process says.
    pub fn on(&self, builder: ClientBuilder) -> ClientBuilder {
        self.with(builder, Names::AsTold)
    }

    pub(crate) fn with(&self, builder: ClientBuilder, names: Names) -> ClientBuilder {
        let mut builder = builder.no_proxy();
        if self.route.has_proxies() {
            let route = Arc::clone(&self.route);
            builder = builder.proxy(Proxy::custom(move |url| {
                let proxy = route.proxy(url)?;
                Some(match names {
                    Names::AsTold => proxy.with_password().clone(),
                    Names::Here => proxy.resolving_here().with_password().clone(),
                })
            }));
        }
        let certificates = self.authorities.iter();
        let certificates: Vec<_> = certificates
            .flat_map(|authority| authority.certificates.iter().cloned())
            .collect();
        match certificates.is_empty() {
            true => builder,
            false => builder.tls_certs_merge(certificates),
        }
    }

    /// The proxy on the way to an address.
    pub fn proxy(&self, url: &Url) -> Option<&ProxyAddress> {
        self.route.proxy(url)
    }

    /// The setting or variable that names the proxy on the way to an address.
    pub fn setting(&self, url: &Url) -> Option<&str> {
        self.route.setting(url)
    }

    /// Whether a name is that of a proxy of ours.
    pub(crate) fn is_proxy(&self, name: &str) -> bool {
        self.route.proxies().any(|proxy| proxy.host() == name)
    }

    /// Whether names that cannot be looked up here are left to a proxy.
    pub(crate) fn resolves_names(&self) -> bool {
        self.route.resolves_names
    }
}

impl PartialEq for Outward {
    fn eq(&self, other: &Self) -> bool {
        let texts = |outward: &Self| -> Vec<Vec<u8>> {
            let authorities = outward.authorities.iter();
            authorities.map(|authority| authority.pem.clone()).collect()
        };
        self.route == other.route && texts(self) == texts(other)
    }
}

impl std::fmt::Debug for Outward {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Outward")
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}

async fn read(file: &AuthorityFile) -> Result<Authority, Failure> {
    let pem = tokio::fs::read(&file.path).await;
    let pem = pem.map_err(|error| unusable(file).caused_by(&error))?;
    let certificates = Certificate::from_pem_bundle(&pem);
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(Authority { pem, certificates }),
        Ok(_) => Err(unusable(file)),
        Err(error) => Err(unusable(file).caused_by(&error)),
    }
}

fn unusable(file: &AuthorityFile) -> Failure {
    Failure::new(Code::AuthorityUnusable)
        .message(words::unusable_authority(&file.setting, &file.path))
}

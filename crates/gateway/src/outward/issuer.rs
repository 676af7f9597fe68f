//! Who signed a certificate that nobody trusts: usually the company whose proxy reads along.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use url::Url;

use super::Outward;

const PATIENCE: Duration = Duration::from_secs(5);
/// Characters of a name that are shown.
const LONGEST: usize = 80;

/// Who signed what a server shows. Nothing is asked: the connection is given up as soon as the certificate is seen.
pub(crate) async fn issuer(outward: &Outward, url: &Url) -> Option<String> {
    let provider = Arc::new(ring::default_provider());
    let witness = Arc::new(Witness {
        provider: Arc::clone(&provider),
        seen: Mutex::default(),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&witness) as _)
        .with_no_client_auth();
    let client = outward
        .client()
        .tls_backend_preconfigured(config)
        .timeout(PATIENCE)
        .build()
        .ok()?;
    let mut url = url.clone();
    url.set_path("/");
    url.set_query(None);
    if client.get(url).send().await.is_ok() {
        // Without TLS there is no certificate.
        return None;
    }
    let seen = witness.seen.lock().unwrap_or_else(PoisonError::into_inner);
    name_of_issuer(seen.as_deref()?)
}

/// Sees a certificate, and trusts none.
#[derive(Debug)]
struct Witness {
    provider: Arc<CryptoProvider>,
    seen: Mutex<Option<Vec<u8>>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(end_entity.to_vec());
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

/// The common name of the issuer, or its organisation, of a certificate in DER (RFC 5280 §4.1).
fn name_of_issuer(certificate: &[u8]) -> Option<String> {
    let mut whole = Der(certificate);
    let mut certificate = Der(whole.element(SEQUENCE)?);
    let mut signed = Der(certificate.element(SEQUENCE)?);
    // The version stands there only if it is not the first.
    if signed.0.first() == Some(&0xa0) {
        signed.element(0xa0)?;
    }
    signed.element(INTEGER)?;
    signed.element(SEQUENCE)?;
    let mut issuer = Der(signed.element(SEQUENCE)?);
    let (mut common, mut organisation) = (None, None);
    while let Some(set) = issuer.element(SET) {
        let mut pair = Der(Der(set).element(SEQUENCE)?);
        let kind = pair.element(OBJECT)?;
        let (_, value) = pair.next()?;
        match kind {
            COMMON_NAME => common = text(value),
            ORGANISATION => organisation = text(value),
            _ => {}
        }
    }
    common.or(organisation)
}

fn text(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let plain = text.chars().filter(|character| !character.is_control());
    let plain: String = plain.take(LONGEST).collect();
    (!plain.trim().is_empty()).then(|| plain.trim().to_owned())
}

const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 2.5.4.10
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];

/// What is left of a row of elements.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.0.split_first_chunk()?;
        let (length, rest) = match usize::from(first) {
            length @ 0..=0x7f => (length, rest),
            // Longer lengths say in how many bytes they stand; no certificate is longer than two can say.
            0x81 => rest.split_first().map(|(&low, rest)| (low.into(), rest))?,
            0x82 => {
                let (high_low, rest) = rest.split_first_chunk()?;
                (u16::from_be_bytes(*high_low).into(), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    fn element(&mut self, wanted: u8) -> Option<&'a [u8]> {
        let (tag, content) = self.next()?;
        (tag == wanted).then_some(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_has_no_issuer() {
        for bytes in [
            &b""[..],
            b"0",
            b"0\x82",
            b"0\x02\x30\x00",
            &[0x30, 0x84, 1, 2, 3, 4],
            &[0xff; 64],
        ] {
            assert_eq!(name_of_issuer(bytes), None);
        }
    }
}

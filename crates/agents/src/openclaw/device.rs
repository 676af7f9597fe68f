//! Who we are to a gateway: an Ed25519 key in a file, and what is signed with it.
//!
//! Without a signed device OpenClaw 2026.3 strips every scope from a connection, and a device that changes with each
//! start may not end the runs of the one before (reference of OpenClaw core §4.3, §4.6).

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// The identity of this installation. Clones share the key; `Debug` shows the public id only.
#[derive(Clone)]
pub struct Device {
    key: Arc<Ed25519KeyPair>,
    id: String,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The file cannot be read or written.
    #[error("the key file {} cannot be used", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file holds no key of ours.
    #[error("the key file {} holds no Ed25519 key", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// The system gives no randomness.
    #[error("no key can be made")]
    Random,
}

/// What is signed for one connection.
pub(super) struct Claim<'a> {
    pub(super) client: &'a str,
    pub(super) mode: &'a str,
    pub(super) role: &'a str,
    pub(super) scopes: &'a [&'a str],
    pub(super) signed_at_ms: u64,
    /// The token, or nothing.
    pub(super) token: &'a str,
    pub(super) nonce: &'a str,
    pub(super) platform: &'a str,
}

impl Device {
    /// The identity in a file; the first time one is made there, for its owner's eyes only.
    ///
    /// # Errors
    ///
    /// When the file cannot be used or holds something else, which is not overwritten.
    pub fn load(path: &Path) -> Result<Self, DeviceError> {
        let failed = |source| DeviceError::File {
            path: path.to_owned(),
            source,
        };
        let document = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
                let made = made.map_err(|_| DeviceError::Random)?;
                write(path, made.as_ref()).map_err(failed)?;
                made.as_ref().to_vec()
            }
            Err(error) => return Err(failed(error)),
        };
        let key = Ed25519KeyPair::from_pkcs8(&document).map_err(|_| DeviceError::Damaged {
            path: path.to_owned(),
        })?;
        Ok(Self::of(key))
    }

    fn of(key: Ed25519KeyPair) -> Self {
        let hash = digest(&SHA256, key.public_key().as_ref());
        let id = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
        Self {
            id: id.collect(),
            key: Arc::new(key),
        }
    }

    /// SHA-256 of the public key in small hexadecimal digits, as `openclaw devices list` shows it.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn public_key(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.key.public_key())
    }

    /// The signature of payload version 3. The family of the device stands behind the last bar; we have none.
    pub(super) fn sign(&self, claim: &Claim<'_>) -> String {
        let payload = [
            "v3",
            &self.id,
            claim.client,
            claim.mode,
            claim.role,
            &claim.scopes.join(","),
            &claim.signed_at_ms.to_string(),
            claim.token,
            claim.nonce,
            claim.platform,
            "",
        ]
        .join("|");
        BASE64_URL_SAFE_NO_PAD.encode(self.key.sign(payload.as_bytes()))
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Device").field(&self.id).finish()
    }
}

/// Through a file of another name, so that a crash leaves no half of a key.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let beside = path.with_extension("new");
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_identity_stays_and_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("openclaw-device.key");
        let made = Device::load(&path).unwrap();
        let again = Device::load(&path).unwrap();
        assert_eq!(made.id(), again.id());
        assert_eq!(made.id().len(), 64);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(format!("{made:?}"), format!("Device({:?})", made.id()));
        std::fs::write(&path, "not a key").unwrap();
        let damaged = Device::load(&path).unwrap_err();
        assert!(matches!(damaged, DeviceError::Damaged { .. }));
        assert_eq!(std::fs::read(&path).unwrap(), b"not a key");
        let nowhere = Device::load(&folder.path().join("no/such/folder")).unwrap_err();
        assert!(matches!(nowhere, DeviceError::File { .. }));
    }

    #[test]
    fn the_signature_is_over_what_the_gateway_puts_together() {
        let folder = tempfile::tempdir().unwrap();
        let device = Device::load(&folder.path().join("key")).unwrap();
        let signature = device.sign(&Claim {
            client: "gateway-client",
            mode: "backend",
            role: "operator",
            scopes: &["operator.read", "operator.write"],
            signed_at_ms: 1_795_407_560_100,
            token: "token",
            nonce: "nonce",
            platform: "linux",
        });
        let payload = format!(
            "v3|{}|gateway-client|backend|operator|operator.read,operator.write|1795407560100|token|nonce|linux|",
            device.id()
        );
        let key = BASE64_URL_SAFE_NO_PAD.decode(device.public_key()).unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ED25519, key)
            .verify(payload.as_bytes(), &signature)
            .unwrap();
    }
}

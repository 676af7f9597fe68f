//! The state directory: what a gateway keeps on disk, and that only one gateway does.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Code, Failure, state as words};
use crate::config::{Environment, variable};
use crate::secret::Secret;

/// The directory with everything that a gateway remembers. Readable by its owner only.
#[derive(Clone, Debug)]
pub struct StateDirectory {
    root: PathBuf,
}

/// The gateway that holds a state directory, as it wrote itself into the lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Version of the program.
    pub version: String,
    /// Where its administration interface listens, once it does.
    pub admin: Option<SocketAddr>,
}

/// Whether a gateway holds a state directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occupancy {
    /// None does.
    Free,
    /// One does; it is known once it has written itself down.
    Held(Option<Holder>),
}

/// Proof that this process is the only gateway of a state directory. Released when dropped or when the process ends
/// in whatever way.
#[derive(Debug)]
pub struct GatewayLock {
    file: File,
    path: PathBuf,
}

impl StateDirectory {
    /// Where the state is kept: `CHELA_HOME`, else `~/.chela`. Nothing is created.
    pub fn locate(environment: &Environment) -> Result<Self, Failure> {
        let chosen = environment.path(variable::STATE);
        let usual = || {
            environment
                .path(variable::HOME)
                .map(|home| home.join(".chela"))
        };
        let root = chosen
            .or_else(usual)
            .ok_or_else(|| Failure::new(Code::NoHome))?;
        Ok(Self { root })
    }

    /// A directory of one's own, for the demo and for tests.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// The key by which this installation is known to gateways of OpenClaw.
    pub fn openclaw_device(&self) -> PathBuf {
        self.root.join("openclaw-device.key")
    }

    /// Creates the directory if it is not there. An existing one keeps its mode: it may be shared on purpose, and
    /// every file in it is private by itself; `doctor` speaks of it.
    pub fn create(&self) -> Result<(), Failure> {
        create_private(&self.root)
            .and_then(|()| create_private(&self.logs()))
            .map_err(|error| unusable(&self.root, &error))
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.root.join("chela.db")
    }

    /// The directory of attachments.
    pub fn media(&self) -> PathBuf {
        self.root.join("media")
    }

    /// The directory of log files.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// What the operator was told.
    pub fn alerts(&self) -> PathBuf {
        self.root.join("alerts.json")
    }

    /// When the gateway was started, and whether it came to its end.
    pub fn starts(&self) -> PathBuf {
        self.root.join("starts.json")
    }

    /// Becomes the gateway of this directory; fails when there is one. Call [`Self::create`] first.
    pub fn lock(&self) -> Result<GatewayLock, Failure> {
        let path = self.lock_file();
        let file = open_private(&path).map_err(|error| unusable(&path, &error))?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(unusable(&path, &error)),
                Err(TryLockError::WouldBlock) => match self.occupancy() {
                    // Somebody only looked, and is done within microseconds.
                    Occupancy::Free => std::thread::yield_now(),
                    Occupancy::Held(holder) => return Err(self.locked(holder)),
                },
            }
        }
        let mut lock = GatewayLock { file, path };
        lock.write(None)?;
        Ok(lock)
    }

    /// Whether a gateway holds this directory.
    pub fn occupancy(&self) -> Occupancy {
        let Ok(mut file) = File::open(self.lock_file()) else {
            return Occupancy::Free;
        };
        // A shared lock that can be had means that nobody holds the exclusive one.
        if file.try_lock_shared().is_ok() {
            return Occupancy::Free;
        }
        let mut text = String::new();
        let read = file.read_to_string(&mut text);
        Occupancy::Held(read.ok().and_then(|_| serde_json::from_str(&text).ok()))
    }

    /// The token of the administration interface; a random one is made the first time.
    pub fn admin_token(&self) -> Result<Secret, Failure> {
        let path = self.token_file();
        let failed = |error: &io::Error| unusable(&path, error);
        match read_token(&path).map_err(|error| failed(&error))? {
            Some(token) => Ok(token),
            None => {
                let token = random_token()?;
                let written = write_private(&path, &token);
                written.map_err(|error| failed(&error))?;
                Ok(Secret::new(token))
            }
        }
    }

    /// The token of the administration interface, if one was made.
    pub fn existing_admin_token(&self) -> Option<Secret> {
        read_token(&self.token_file()).ok().flatten()
    }

    fn lock_file(&self) -> PathBuf {
        self.root.join("gateway.lock")
    }

    fn token_file(&self) -> PathBuf {
        self.root.join("admin-token")
    }

    fn locked(&self, holder: Option<Holder>) -> Failure {
        let failure = Failure::new(Code::StateLocked);
        match holder {
            Some(holder) => failure.message(words::locked_by(&self.root, holder.pid)),
            None => failure.message(words::locked(&self.root)),
        }
    }
}

impl GatewayLock {
    /// Writes where the administration interface listens, for `gateway status` and others.
    pub fn publish(&mut self, admin: SocketAddr) -> Result<(), Failure> {
        self.write(Some(admin))
    }

    fn write(&mut self, admin: Option<SocketAddr>) -> Result<(), Failure> {
        let holder = Holder {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            admin,
        };
        let text = serde_json::to_string(&holder).unwrap_or_default();
        self.replace(&text)
            .map_err(|error| unusable(&self.path, &error))
    }

    fn replace(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

/// How long a token is, in bytes.
const TOKEN_LENGTH: usize = 32;

fn random_token() -> Result<String, Failure> {
    let mut bytes = [0; TOKEN_LENGTH];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| Failure::new(Code::Defect).caused_by(&error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn read_token(path: &Path) -> io::Result<Option<Secret>> {
    match fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(Secret::new(text.trim()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file of the state directory, which only its owner can read. Blocks.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = open_private(path)?;
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::StoreFull,
        _ => Code::StateUnusable,
    };
    Failure::new(code)
        .message(words::unusable(path))
        .hint(words::unusable_hint(path))
        .caused_by(error)
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    DirBuilder::new().mode(0o700).recursive(true).create(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

/// Opens a file for reading and writing that only its owner can read.
fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Language;

    fn directory() -> (tempfile::TempDir, StateDirectory) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDirectory::at(folder.path().join("state"));
        state.create().unwrap();
        (folder, state)
    }

    #[test]
    fn one_gateway_holds_the_directory_and_tells_where_it_listens() {
        let (_folder, state) = directory();
        assert_eq!(state.occupancy(), Occupancy::Free);
        let mut lock = state.lock().unwrap();
        let second = state.lock().unwrap_err();
        assert_eq!(second.code(), Code::StateLocked);
        let told = second.render(Language::Chinese);
        assert!(told.contains(&std::process::id().to_string()), "{told}");
        let address = SocketAddr::from(([127, 0, 0, 1], 18_789));
        lock.publish(address).unwrap();
        let Occupancy::Held(Some(holder)) = state.occupancy() else {
            panic!("nobody holds the directory");
        };
        assert_eq!(
            (holder.pid, holder.admin),
            (std::process::id(), Some(address))
        );
        drop(lock);
        assert_eq!(state.occupancy(), Occupancy::Free);
        state.lock().unwrap();
    }

    #[test]
    fn the_token_is_random_and_stays() {
        let (_folder, state) = directory();
        assert!(state.existing_admin_token().is_none());
        let token = state.admin_token().unwrap();
        assert_eq!(token.expose().len(), 2 * TOKEN_LENGTH);
        assert_eq!(state.admin_token().unwrap().expose(), token.expose());
        let (_other_folder, other) = directory();
        assert_ne!(other.admin_token().unwrap().expose(), token.expose());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, state) = directory();
        let _lock = state.lock().unwrap();
        state.admin_token().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(state.root()), 0o700);
        assert_eq!(mode(&state.logs()), 0o700);
        assert_eq!(mode(&state.lock_file()), 0o600);
        assert_eq!(mode(&state.token_file()), 0o600);
    }

    #[test]
    fn a_file_in_its_place_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        fs::write(&path, "").unwrap();
        let failure = StateDirectory::at(path).create().unwrap_err();
        assert_eq!(failure.code(), Code::StateUnusable);
    }
}

//! Where the bytes of attachments lie, who reads them, and which files of this machine an answer may carry.

use std::path::PathBuf;

use futures_util::future::BoxFuture;

use crate::attachment::{AttachmentKind, KeptFile, OutboundAttachment};
use crate::media_type::MediaType;
use crate::ports::channel::{ByteStream, FetchError};

/// Keeps the bytes of attachments, each content once, for a limited time and in limited space.
pub trait MediaStore: Send + Sync + 'static {
    /// Writes a file down as its bytes arrive; whole or not at all. Dropping the future leaves nothing behind.
    fn keep(
        &self,
        bytes: ByteStream,
        limit: u64,
    ) -> BoxFuture<'static, Result<KeptFile, KeepError>>;

    /// Where a kept file lies. It may have been cleaned away meanwhile.
    fn path(&self, file: &KeptFile) -> PathBuf;
}

/// Why a file was not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    /// It has more bytes than are allowed.
    #[error("longer than {limit} bytes")]
    TooLarge {
        /// What is allowed.
        limit: u64,
    },
    /// It did not arrive whole.
    #[error("did not arrive whole")]
    Broken(#[from] FetchError),
    /// It could not be written.
    #[error("could not be written: {reason}")]
    Disk {
        /// What the system said.
        reason: String,
    },
}

/// Reads attachments for agents: documents as text, speech as text, pictures in a size that models take.
pub trait AttachmentReader: Send + Sync + 'static {
    /// Reads one. Never fails: what could not be read is said in the remarks.
    fn read(&self, file: FileToRead) -> BoxFuture<'static, Reading>;
}

/// A kept attachment that shall be read.
#[derive(Clone, Debug)]
pub struct FileToRead {
    /// What a person sees in the chat.
    pub kind: AttachmentKind,
    /// The name that the sender gave it. Anything can stand in it.
    pub name: Option<String>,
    /// Where it lies.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// What its first bytes say it is.
    pub media_type: MediaType,
    /// Whether what is spoken in it is known already.
    pub transcribed: bool,
}

/// What an agent gets to see of an attachment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Its content as text or markdown.
    pub text: Option<String>,
    /// Its content to look at, in a size that models take.
    pub pictures: Vec<Picture>,
    /// What was not read and why, in the language of the installation.
    pub remarks: Vec<String>,
}

/// A picture for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Where it lies.
    pub path: PathBuf,
    /// PNG, JPEG, GIF or WebP.
    pub media_type: MediaType,
}

/// Fetches the files that an answer names, if they may be sent.
pub trait FileCollector: Send + Sync + 'static {
    /// Takes a file into the media store. `reference` is a path or an address as the agent wrote it; `made` are files
    /// that the agent's tools made in this turn.
    fn collect(
        &self,
        reference: String,
        kind: Option<AttachmentKind>,
        made: Vec<PathBuf>,
    ) -> BoxFuture<'static, Result<OutboundAttachment, CollectError>>;
}

/// Why a file that an answer names is not sent. Holds no path: it may be one that people must not see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// It lies where nothing may be sent from, or is not there: which of both is nobody's business.
    #[error("not a file that may be sent")]
    NotAllowed,
    /// The address is not one that files may be fetched from.
    #[error("not an address that files may be fetched from")]
    AddressNotAllowed,
    /// It is larger than the platform takes.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// What the platform takes.
        limit: u64,
    },
    /// It has no bytes.
    #[error("empty")]
    Empty,
    /// It could not be fetched or read.
    #[error("could not be fetched: {reason}")]
    Unreachable {
        /// What happened.
        reason: String,
    },
}

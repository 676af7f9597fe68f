#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod api;
pub mod card;
mod client;
pub mod download;
mod error;
mod http;
pub mod id;
mod limiter;
pub mod message;
mod observer;
pub mod registration;
mod secret;
mod settings;
pub mod stream;
mod token;
pub mod transport;

pub use self::client::{Client, Request};
pub use self::error::{Error, ErrorKind};
pub use self::message::{Content, MalformedMessage, Message, Quote};
pub use self::observer::CallObserver;
pub use self::secret::{
    AccessToken, ClientSecret, CustomRobotSecret, CustomRobotToken, DownloadCode, DownloadUrl,
    SessionWebhook, SignatureHeader, Ticket,
};
pub use self::settings::{Credentials, Settings};

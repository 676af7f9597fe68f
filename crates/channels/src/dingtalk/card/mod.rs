//! Answers on cards: shown while they are written, ended once, stopped and rated by buttons.

mod blocks;
mod finish;
mod inquiry;
mod look;
mod pauses;
mod pictures;
mod place;
mod press;
mod show;
mod text;
mod withdraw;

pub(super) use self::finish::{Said, Try, finish};
pub(super) use self::inquiry::{ask, close, inquiry_card};
pub use self::look::{Look, StatusLine, Streaming};
pub(super) use self::pauses::Pauses;
pub use self::pauses::{CardPause, CardTrouble};
pub(super) use self::pictures::{Picture, Pictures};
pub(super) use self::place::{Place, name_of};
pub(super) use self::press::press;
pub(super) use self::show::show;
pub(super) use self::text::readable_name;
pub(super) use self::withdraw::withdraw;

//! Cards in a conversation: who pressed what ([`Click`]), and names that a repetition finds again ([`Origin`]).

mod click;
mod name;

pub use self::click::{Click, ClickAnswer, MalformedClick};
pub use self::name::Origin;

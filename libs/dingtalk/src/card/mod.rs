//! Cards in a conversation: one that types itself ([`Card`], a pure machine), who pressed what ([`Click`]), and names that
//! a repetition finds again ([`Origin`]).
//!
//! A card is made and delivered with [`crate::api::CreateCard`]. From then on a [`Card`] says which call to make and
//! when:
//!
//! ```
//! use dingtalk::card::{Card, Ending, Outcome, Settings, Step};
//! use dingtalk::id::OutTrackId;
//! use dingtalk::{Client, Error};
//! use tokio::sync::watch;
//! use tokio::time::{Instant, sleep_until};
//!
//! /// Shows what is being said until nobody says more; gives back what the card has no room for.
//! async fn follow(client: Client, name: OutTrackId, mut said: watch::Receiver<String>) -> Option<String> {
//!     let mut card = Card::new(name, 0, Settings::default(), Instant::now());
//!     loop {
//!         let wake = match card.step(Instant::now()) {
//!             Step::Call(call) => {
//!                 let result = client.send(call).await;
//!                 card.answered(result.as_ref().map(drop), Instant::now());
//!                 continue;
//!             }
//!             Step::Wait(wake) => wake,
//!             Step::Over(Outcome::Shown(_)) => return Some(card.overflow().to_owned()),
//!             Step::Over(Outcome::NotShown) => return None,
//!         };
//!         let alarm = async {
//!             match wake {
//!                 Some(at) => sleep_until(at).await,
//!                 None => std::future::pending().await,
//!             }
//!         };
//!         tokio::select! {
//!             biased;
//!             () = alarm => {}
//!             more = said.changed() => match more {
//!                 Ok(()) => card.say(said.borrow_and_update().as_str()),
//!                 Err(_) => card.end(Ending::Finished, said.borrow().as_str()),
//!             },
//!         }
//!     }
//! }
//! ```

mod call;
mod click;
mod machine;
mod name;
mod pace;
mod settings;
mod step;
mod text;

pub use self::call::Call;
pub use self::click::{Click, ClickAnswer, MalformedClick};
pub use self::machine::Card;
pub use self::name::Origin;
pub use self::settings::{Budget, Settings};
pub use self::step::{Ending, Outcome, Step};

//! The real client: against the local platform, with which it shares no type, and against a script where that platform
//! does not go yet. Time is paused: hours pass in a blink.

mod calls;
mod cards;
mod downloads;
mod life;
mod media;
mod messages;
mod names;
mod pushes;
mod requests;
mod scripted;
mod setup;
mod support;
mod typing;

//! The real client against the local platform, with which it shares no type. Time is paused: hours pass in a blink.

mod calls;
mod life;
mod names;
mod pushes;
mod support;

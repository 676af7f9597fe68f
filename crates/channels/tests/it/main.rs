//! The channel through its doors: what the engine is given, and what the platform is asked.

mod card_contents;
mod cards;
mod conversations;
mod envelope;
mod files_in;
mod files_out;
mod golden;
mod hostile;
mod inquiries;
mod month;
mod quota;
mod reactions;
mod support;

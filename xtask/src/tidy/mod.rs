//! `cargo xtask tidy`: what a reviewer would nag about, as ordinary code.
//!
//! Each rule is a pure function from the [`tree::Tree`] (or from `cargo metadata`) to findings. There is no list of
//! exceptions: a file that must break a rule says so itself, with the reason, in a comment
//! `tidy: allow(<rule>), <reason>`.

mod changelog;
mod documentation;
mod edges;
mod error_pages;
mod finding;
mod forbidden;
mod length;
mod machine_paths;
mod manifests;
mod run;
mod source;
mod tree;
mod wiring;

pub(crate) use self::run::run;

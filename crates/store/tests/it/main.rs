//! Tests of the store on a real disk.

mod conformance;
mod courier;
mod damage;
mod files;
mod group;
mod kill;
mod limits;
mod migration;
mod shapes;
mod support;

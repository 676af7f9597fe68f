//! The folder of an agent: who it is and what it knows, in files that people write.

mod files;
mod front_matter;
mod skills;

pub use self::files::{Briefing, Workspace};
pub use self::skills::{ReadSkill, Skill};

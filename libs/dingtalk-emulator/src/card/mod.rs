//! Cards as people see them: their templates, how they look, what became of them.

mod look;
mod settings;
mod shown;
mod template;

pub use settings::{AfterEnd, CardSettings};
pub use shown::{
    CardBlock, CardButton, CardChange, CardClick, CardRevision, CardState, ClickOutcome, ShownCard,
};
pub use template::{CardTemplate, VariableKind};

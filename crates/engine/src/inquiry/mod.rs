//! What an agent must ask a person in the middle of its work: the approval of one call, or a question with a form. Each is
//! written down before anybody sees it, answered at most once, and only by whom it names.

mod card;
mod desk;
mod form;
mod inquirer;
mod record;
mod subject;

pub use self::card::{InquiryCard, Standing};
pub use self::desk::Key;
pub(crate) use self::desk::{Desk, Found};
pub use self::form::{Field, FieldKind, Form, Values};
pub(crate) use self::inquirer::TurnInquirer;
pub use self::record::{Answer, Event, Inquiry, Refusal, State};
pub use self::subject::{Approval, Subject};

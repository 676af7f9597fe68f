//! A panic is a defect. Its place is logged; its message only where it is a literal of the source, since others may
//! quote what somebody wrote.

use std::io::Write as _;
use std::panic::{self, PanicHookInfo};

use crate::catalogue::{Code, Failure, Language, cli};

/// From now on, panics are logged and said in a sentence, instead of printed with a backtrace.
pub fn report_panics(language: Language) {
    panic::set_hook(Box::new(move |panic| {
        let place = place(panic);
        let thread = std::thread::current()
            .name()
            .unwrap_or("unnamed")
            .to_owned();
        let reason = panic.payload().downcast_ref::<&'static str>().copied();
        tracing::error!(%place, %thread, reason = reason.unwrap_or("<hidden>"), "panicked");
        let failure = Failure::new(Code::Defect).message(cli::panicked(&place));
        // Nothing can be done about a terminal that is gone.
        drop(writeln!(std::io::stderr(), "{}", failure.render(language)));
    }));
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic
        .location()
        .map_or_else(|| "?".to_owned(), ToString::to_string)
}

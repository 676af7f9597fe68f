//! With which number the program ends: one per class of failure, after `sysexits.h`.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Success,
    /// The command ran, and what it found is not in order (`doctor`).
    Findings,
    /// The command line cannot be understood.
    Usage,
    /// Something that is needed does not answer: DingTalk, a model, the gateway itself.
    Unavailable,
    /// A defect of the program.
    Software,
    /// Another gateway holds the state directory.
    Locked,
    /// The disk cannot be read or written.
    InputOutput,
    /// Try again later: the failure may pass by itself.
    Temporary,
    /// A file or port may not be used, or a credential is refused.
    Permission,
    /// The configuration is wrong.
    Configuration,
    /// Somebody pressed Ctrl+C before it was done.
    Interrupted,
}

impl Exit {
    /// Every way to end, for documents and tests.
    pub const ALL: [Self; 11] = [
        Self::Success,
        Self::Findings,
        Self::Usage,
        Self::Unavailable,
        Self::Software,
        Self::Locked,
        Self::InputOutput,
        Self::Temporary,
        Self::Permission,
        Self::Configuration,
        Self::Interrupted,
    ];

    /// The number that the shell sees.
    pub const fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
            Self::Usage => 64,
            Self::Unavailable => 69,
            Self::Software => 70,
            Self::Locked => 73,
            Self::InputOutput => 74,
            Self::Temporary => 75,
            Self::Permission => 77,
            Self::Configuration => 78,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scripts depend on these numbers: they may be added to, never changed.
    #[test]
    fn the_numbers_are_a_contract() {
        let numbers = Exit::ALL.map(Exit::number);
        assert_eq!(numbers, [0, 1, 64, 69, 70, 73, 74, 75, 77, 78, 130]);
    }
}

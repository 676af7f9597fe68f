//! Where the text will be shown.

/// Where the text will be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// A markdown message.
    Message,
    /// A text message: nothing is rendered, so nothing may look like markup.
    Plain,
}

impl Profile {
    /// Text that only means something to a markdown renderer.
    pub(super) fn markup(self, text: &str) -> &str {
        match self {
            Self::Message => text,
            Self::Plain => "",
        }
    }

    /// A line break that stays one.
    pub(super) fn line_break(self) -> &'static str {
        match self {
            // Two spaces make it a hard break; a bare one often collapses.
            Self::Message => "  \n",
            Self::Plain => "\n",
        }
    }
}

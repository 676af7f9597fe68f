//! Where the text will be shown.

/// Where the text will be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// A markdown message.
    Message,
    /// A card: it has tables, and wants its own line breaks.
    Card,
    /// A text message: nothing is rendered, so nothing may look like markup.
    Plain,
}

impl Profile {
    /// Text that only means something to a markdown renderer.
    pub(super) fn markup(self, text: &str) -> &str {
        match self {
            Self::Message | Self::Card => text,
            Self::Plain => "",
        }
    }

    /// A line break that stays one.
    pub(super) fn line_break(self) -> &'static str {
        match self {
            // Two spaces make it a hard break; a bare one often collapses.
            Self::Message => "  \n",
            Self::Plain => "\n",
            Self::Card => "<br>",
        }
    }

    /// Whether text is read as markdown where it is shown.
    pub(super) fn is_markdown(self) -> bool {
        self != Self::Plain
    }
}

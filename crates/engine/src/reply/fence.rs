//! Code fences: what is inside them must not be torn without a new fence around each half.

/// An open code fence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    /// The line to open it again with.
    pub(super) opening: String,
    /// The line that closes it.
    pub(super) closing: String,
}

/// The line that closes the fence which a text leaves open, if it does.
pub fn open_fence(text: &str) -> Option<String> {
    let behind = text.lines().fold(None, Fence::behind);
    behind.map(|fence| fence.closing)
}

/// A longer info string is not worth repeating on each page.
const LONGEST_OPENING: usize = 60;

impl Fence {
    /// The state behind a line, given the state before it.
    pub(super) fn behind(before: Option<Self>, line: &str) -> Option<Self> {
        let trimmed = line.trim();
        let (marker, info) = split_marker(trimmed);
        match before {
            Some(fence) if marker.starts_with(&fence.closing) && info.is_empty() => None,
            Some(fence) => Some(fence),
            // A backtick behind the marker makes it inline code.
            None if marker.is_empty() || info.contains('`') => None,
            None => Some(Self {
                opening: if trimmed.len() <= LONGEST_OPENING {
                    trimmed
                } else {
                    marker
                }
                .to_owned(),
                closing: marker.to_owned(),
            }),
        }
    }
}

/// Splits ```` ```rust ```` into marker and rest; the marker is empty when the line begins no fence.
fn split_marker(line: &str) -> (&str, &str) {
    for fence in ['`', '~'] {
        let rest = line.trim_start_matches(fence);
        if line.len() - rest.len() >= 3 {
            return (line.strip_suffix(rest).unwrap_or(line), rest.trim());
        }
    }
    ("", line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_behind(lines: &[&str]) -> Option<String> {
        let mut fence = None;
        for line in lines {
            fence = Fence::behind(fence, line);
        }
        fence.map(|fence| fence.opening)
    }

    #[test]
    fn fences_open_and_close_as_common_mark_says() {
        assert_eq!(open_behind(&["```rust", "x"]).as_deref(), Some("```rust"));
        assert_eq!(open_behind(&["```rust", "```"]), None);
        assert_eq!(open_behind(&["````", "```"]).as_deref(), Some("````"));
        assert_eq!(open_behind(&["~~~", "```", "~~~~"]), None);
        assert_eq!(open_behind(&["```inline``` code"]), None);
        assert_eq!(open_behind(&["``no", "text"]), None);
        assert_eq!(
            open_behind(&["```", "```still inside"]).as_deref(),
            Some("```")
        );
        assert_eq!(
            open_behind(&[&format!("```{}", "x".repeat(500))]).as_deref(),
            Some("```")
        );
    }
}

//! Finds the events in a `text/event-stream`, however its bytes are cut.
//!
//! As the WHATWG HTML standard, "Interpreting an event stream", says; only `data` is of interest here. An event that
//! the end of the stream cuts off is lost, as the standard wants it.

/// Bytes of one event. The largest known ones, whole answers in one piece, stay far below.
pub(super) const LARGEST_EVENT: usize = 4 << 20;

/// The event is larger than [`LARGEST_EVENT`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// Turns bytes into the `data` of events; memory is bounded by the largest event.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    /// A line feed that follows belongs to the line break that was just seen.
    after_return: bool,
}

impl Decoder {
    /// Takes the next bytes and passes the `data` of each event that they complete.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut event: impl FnMut(&str),
    ) -> Result<(), TooLarge> {
        let mut rest = bytes;
        while let Some((first, behind)) = rest.split_first() {
            if std::mem::take(&mut self.after_return) && *first == b'\n' {
                rest = behind;
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (line, behind) = rest.split_at(end.unwrap_or(rest.len()));
            self.line.extend_from_slice(line);
            if self.line.len() + self.data.as_ref().map_or(0, Vec::len) > LARGEST_EVENT {
                return Err(TooLarge);
            }
            let Some((line_break, behind)) = behind.split_first() else {
                break;
            };
            self.after_return = *line_break == b'\r';
            rest = behind;
            if let Some(data) = self.end_line() {
                event(&String::from_utf8_lossy(&data));
            }
        }
        Ok(())
    }

    /// Reads the line that is complete; an empty one completes the event.
    fn end_line(&mut self) -> Option<Vec<u8>> {
        if self.line.is_empty() {
            return self.data.take();
        }
        // A byte order mark may stand before the first line; no other line has one before its field.
        let line = self
            .line
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.line);
        if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            }
        }
        self.line.clear();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        for chunk in chunks {
            decoder
                .push(chunk, |data| events.push(data.to_owned()))
                .unwrap();
        }
        events
    }

    #[test]
    fn cuts_do_not_matter() {
        let stream = "\u{feff}: comment\r\nevent: message\rdata:你好\r\n\r\ndata: 👨‍👩‍👧\ndata:  second\n\n\n\nid: 7\ndata: [DONE]\r\r";
        let expected = ["你好", "👨‍👩‍👧\n second", "[DONE]"];
        let bytes = stream.as_bytes();
        assert_eq!(events(&[bytes]), expected);
        for cut in 0..=bytes.len() {
            let (before, after) = bytes.split_at(cut);
            assert_eq!(events(&[before, after]), expected, "cut at {cut}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(events(&single), expected);
    }

    #[test]
    fn what_is_no_event_gives_none() {
        assert!(events(&[b"<html>\n\n<body>login</body>\n\n"]).is_empty());
        assert!(events(&[b"data: cut off by the end\n"]).is_empty());
        assert!(events(&[b": ping\n\n: ping\n\n"]).is_empty());
    }

    #[test]
    fn broken_utf_8_is_made_visible() {
        assert_eq!(events(&[b"data: a\xffb\n\n"]), ["a\u{fffd}b"]);
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut decoder = Decoder::default();
        let chunk = vec![b'a'; 64 << 10];
        let taken = (0..).take_while(|_| decoder.push(&chunk, |_| ()).is_ok());
        assert_eq!(taken.count(), LARGEST_EVENT / chunk.len());
        let mut decoder = Decoder::default();
        let line = [b"data: ".as_slice(), &chunk, b"\n"].concat();
        let taken = (0..).take_while(|_| decoder.push(&line, |_| ()).is_ok());
        assert!(taken.count() <= LARGEST_EVENT / chunk.len());
    }
}

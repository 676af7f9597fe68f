//! Rich text as a row of tokens.

/// A piece of rich text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `\word` with its number.
    Word(&'a str, Option<i32>),
    /// `\*` and the like.
    Symbol(u8),
    /// A byte of text, as it is or as `\'b1`.
    Byte(u8),
}

/// The tokens of a text.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn split(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(length.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let length = self
            .bytes
            .iter()
            .take(32)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        if length == 0 {
            let symbol = *self.split(1).first()?;
            return Some(match symbol {
                b'\'' => {
                    let digits = std::str::from_utf8(self.split(2)).unwrap_or_default();
                    Token::Byte(u8::from_str_radix(digits, 16).unwrap_or(b'?'))
                }
                b'{' | b'}' | b'\\' => Token::Byte(symbol),
                b'\n' | b'\r' => Token::Word("par", None),
                _ => Token::Symbol(symbol),
            });
        }
        let word = std::str::from_utf8(self.split(length)).unwrap_or_default();
        let sign = usize::from(self.bytes.first() == Some(&b'-'));
        let digits = self.bytes.iter().skip(sign).take(10);
        let digits = digits.take_while(|byte| byte.is_ascii_digit()).count();
        let number = if digits > 0 {
            let text = std::str::from_utf8(self.split(sign + digits)).unwrap_or_default();
            text.parse().ok()
        } else {
            None
        };
        if self.bytes.first() == Some(&b' ') {
            self.split(1);
        }
        if word == "bin" {
            // Raw bytes follow, of pictures usually.
            self.split(usize::try_from(number.unwrap_or_default()).unwrap_or_default());
        }
        Some(Token::Word(word, number))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let byte = *self.split(1).first()?;
            return match byte {
                b'{' => Some(Token::Open),
                b'}' => Some(Token::Close),
                b'\\' => self.control(),
                // Lines are broken anywhere, and mean nothing.
                b'\r' | b'\n' | 0 => continue,
                _ => Some(Token::Byte(byte)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_parted() {
        let tokens: Vec<_> =
            Tokens::new(b"{\\rtf1\\u-123 ?\\'b1\n\\*\\b a\\\\\\bin2 {}x}").collect();
        assert_eq!(
            tokens,
            [
                Token::Open,
                Token::Word("rtf", Some(1)),
                Token::Word("u", Some(-123)),
                Token::Byte(b'?'),
                Token::Byte(0xb1),
                Token::Symbol(b'*'),
                Token::Word("b", None),
                Token::Byte(b'a'),
                Token::Byte(b'\\'),
                Token::Word("bin", Some(2)),
                Token::Byte(b'x'),
                Token::Close,
            ]
        );
    }

    #[test]
    fn any_end_is_an_end() {
        for text in [&b"\\"[..], b"\\'", b"\\'b", b"\\u", b"\\bin99 x", b"{"] {
            assert!(Tokens::new(text).count() <= 2);
        }
    }
}

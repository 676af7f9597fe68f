//! Hides secrets in the text of a configuration, so that a line of it can be shown in an error.
//!
//! The text may be broken in any way: that is when lines are shown. So this is no parser but a scanner that errs on
//! the side of hiding: what follows a secret's name up to the next comma is hidden, whatever it is.

/// Whether a setting of this name holds a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let holds = |word| plain.contains(word);
    let words = [
        "secret",
        "token",
        "password",
        "passwd",
        "authorization",
        "cookie",
        "credential",
        // The address of a custom robot is all that is needed to speak as it.
        "webhook",
        // It may hold a password.
        "proxyurl",
    ];
    !plain.ends_with("tokens") && (words.into_iter().any(holds) || plain.ends_with("key"))
}

/// Whether everything below a setting of this name may be secret.
pub(super) fn is_secret_block(name: &str) -> bool {
    matches!(name, "env" | "vars" | "headers")
}

/// Replaces every character of a secret by `*`. Line breaks and the number of characters stay.
pub(super) fn mask(text: &str, grammar: Grammar) -> Vec<char> {
    let mut scanner = Scanner {
        characters: text.chars().collect(),
        position: 0,
        blocks: vec![Block::Plain],
        pending: Pending::Nothing,
    };
    while scanner.position < scanner.characters.len() {
        scanner.step();
    }
    let mut characters = scanner.characters;
    if grammar == Grammar::Broken {
        mask_named(&mut characters);
        mask_keys(&mut characters);
    }
    characters
}

/// Whether quotes and braces can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// They can.
    Sound,
    /// A quote too many or too few may have turned texts inside out.
    Broken,
}

/// Hides what follows a secret's name and a colon, wherever it stands.
fn mask_named(characters: &mut [char]) {
    let mut position = 0;
    while let Some(colon) = find(characters, position, |character| {
        matches!(character, ':' | '：')
    }) {
        position = colon + 1;
        let is_between = |character: &char| is_quote(*character) || character.is_whitespace();
        let before = characters[..colon]
            .iter()
            .rev()
            .skip_while(|character| is_between(character));
        let name: String = before
            .copied()
            .take_while(|character| is_word(*character))
            .collect();
        if !is_secret_name(&name.chars().rev().collect::<String>()) {
            continue;
        }
        let is_value = |character: char| !(is_quote(character) || character.is_whitespace());
        let Some(start) = find(characters, position, is_value) else {
            return;
        };
        let is_end = |character| is_quote(character) || matches!(character, ',' | '，' | '\n');
        let end = find(characters, start, is_end).unwrap_or(characters.len());
        hide(&mut characters[start..end]);
        position = end;
    }
}

/// A word of letters and digits of at least this length is rather a key than a name.
const LENGTH_OF_KEYS: usize = 16;

/// Hides what looks like a key, even if its name was lost.
fn mask_keys(characters: &mut [char]) {
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || "_-+/=.".contains(character);
    let mut position = 0;
    while let Some(start) = find(characters, position, is_part) {
        let end =
            find(characters, start, |character| !is_part(character)).unwrap_or(characters.len());
        let word = &mut characters[start..end];
        let is_long = word.len() >= LENGTH_OF_KEYS
            && word.iter().any(char::is_ascii_digit)
            && word.iter().any(char::is_ascii_alphabetic);
        if is_long || word.starts_with(&['s', 'k', '-']) {
            hide(word);
        }
        position = end;
    }
}

/// Hides a value, unless it only says where the secret is.
fn hide(value: &mut [char]) {
    let is_reference =
        value.starts_with(&['$', '{']) || value.starts_with(&['{']) || value.starts_with(&['[']);
    if !is_reference {
        value.fill('*');
    }
}

fn find(characters: &[char], from: usize, is_wanted: impl Fn(char) -> bool) -> Option<usize> {
    let rest = characters.get(from..)?;
    let found = rest.iter().position(|&character| is_wanted(character));
    found.map(|offset| from + offset)
}

struct Scanner {
    characters: Vec<char>,
    position: usize,
    blocks: Vec<Block>,
    pending: Pending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Plain,
    Secret,
}

/// What the value of the name that was just read is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    Secret,
    SecretBlock,
}

impl Scanner {
    fn step(&mut self) {
        let character = self.characters[self.position];
        match character {
            '{' | '｛' => self.open(self.pending == Pending::SecretBlock),
            '[' | '［' => self.open(self.pending != Pending::Nothing),
            '}' | ']' | '｝' | '］' => self.close(),
            ',' | '，' => {
                self.pending = Pending::Nothing;
                self.position += 1;
            }
            _ if is_quote(character) => {
                let end = self.end_of_text();
                self.word(self.position + 1, end, end + 1);
            }
            _ if is_word(character) => {
                let end = self.end_of(|character| !is_word(character));
                self.word(self.position, end, end);
            }
            _ => self.position += 1,
        }
    }

    fn open(&mut self, secret: bool) {
        let inherited = self.blocks.last() == Some(&Block::Secret);
        self.blocks.push(if secret || inherited {
            Block::Secret
        } else {
            Block::Plain
        });
        self.pending = Pending::Nothing;
        self.position += 1;
    }

    fn close(&mut self) {
        self.blocks.pop();
        self.pending = Pending::Nothing;
        self.position += 1;
    }

    /// Takes a name or a value that stands between two positions; goes on at a third.
    fn word(&mut self, start: usize, end: usize, next: usize) {
        self.position = next.min(self.characters.len());
        let content: String = self.characters[start.min(end)..end].iter().collect();
        if self.is_followed_by_colon() {
            self.pending = match content.as_str() {
                name if is_secret_block(name) => Pending::SecretBlock,
                name if is_secret_name(name) => Pending::Secret,
                _ => Pending::Nothing,
            };
            return;
        }
        let secret = self.pending != Pending::Nothing || self.blocks.last() == Some(&Block::Secret);
        let is_reference = content.starts_with("${") && content.ends_with('}');
        if secret && !is_reference {
            for character in &mut self.characters[start.min(end)..end] {
                *character = '*';
            }
        }
    }

    /// Where the text that begins here ends: at its quote, or at the end of the line.
    fn end_of_text(&self) -> usize {
        let opening = self.characters[self.position];
        let mut position = self.position + 1;
        while let Some(&character) = self.characters.get(position) {
            match character {
                '\n' => break,
                '\\' => position += 1,
                _ if character == opening
                    || (opening == '“' && character == '”')
                    || (opening == '‘' && character == '’') =>
                {
                    break;
                }
                _ => {}
            }
            position += 1;
        }
        position.min(self.characters.len())
    }

    fn end_of(&self, is_end: impl Fn(char) -> bool) -> usize {
        let rest = &self.characters[self.position..];
        let length = rest.iter().position(|&character| is_end(character));
        self.position + length.unwrap_or(rest.len())
    }

    fn is_followed_by_colon(&self) -> bool {
        let rest = self.characters[self.position..].iter();
        let next = rest.copied().find(|character| !character.is_whitespace());
        matches!(next, Some(':' | '：'))
    }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '“' | '”' | '‘' | '’' | '＂')
}

fn is_word(character: char) -> bool {
    !character.is_whitespace() && !is_quote(character) && !"{}[],:｛｝［］，：".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let masked: String = mask(text, Grammar::Sound).into_iter().collect();
        assert_eq!(masked, expected);
    }

    #[test]
    fn secrets_are_hidden_in_good_and_in_broken_text() {
        check(
            r#"{ "clientSecret": "abc", "clientId": "ding" }"#,
            r#"{ "clientSecret": "***", "clientId": "ding" }"#,
        );
        check("apiKey:\n  'sk-\\'x',", "apiKey:\n  '******',");
        check(
            r#""clientSecret": "open, "enabled": true"#,
            r#""clientSecret": "******"*******"******"#,
        );
        check("“clientSecret”：“密钥”，", "“clientSecret”：“**”，");
        check("clientSecret: 12 34 }", "clientSecret: ** ** }");
        check(
            r#"env: { A: "x", vars: { B: 'y' } }, port: 1"#,
            r#"env: { A: "*", vars: { B: '*' } }, port: 1"#,
        );
        check(r#"// "token": "old""#, r#"// "token": "***""#);
    }

    #[test]
    fn secrets_are_hidden_even_when_quotes_have_turned_everything_inside_out() {
        let check = |text: &str, expected: &str| {
            let masked: String = mask(text, Grammar::Broken).into_iter().collect();
            assert_eq!(masked, expected);
        };
        check(
            r#""mode": en", "token": "abc", "x""#,
            r#""mode": en", "token": "***", "x""#,
        );
        check(r#"SCOPE_API_KEY": "any" }"#, r#"SCOPE_API_KEY": "***" }"#);
        check(r#""e"sk-live" }"#, r#""e"*******" }"#);
        check(
            "port: loop\"abc123abc123abc123\"",
            "port: loop\"******************\"",
        );
        check(
            r#"bind", "token": "${TOKEN}""#,
            r#"bind", "token": "${TOKEN}""#,
        );
    }

    #[test]
    fn what_is_no_secret_stays() {
        check(
            r#"clientSecret: "${SECRET}","#,
            r#"clientSecret: "${SECRET}","#,
        );
        check(
            r#"apiKey: { source: "env", id: "KEY" }"#,
            r#"apiKey: { source: "env", id: "KEY" }"#,
        );
        check("maxTokens: 4096", "maxTokens: 4096");
    }
}

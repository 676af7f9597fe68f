//! Markdown is written here, and only as much of it as there is room for.
//!
//! It is for a model, not for a renderer: characters that mean something in markdown are escaped only where they would
//! break a table or a heading.

/// Text that grows block by block up to a limit.
#[derive(Debug)]
pub(crate) struct Markdown {
    text: String,
    /// How many characters there is still room for.
    room: usize,
    is_full: bool,
}

/// How an item of a list is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    /// `-`
    Bullet,
    /// `1.`, `2.` …
    Number(usize),
}

impl Markdown {
    pub(crate) fn new(characters: usize) -> Self {
        Self {
            text: String::new(),
            room: characters,
            is_full: false,
        }
    }

    /// Whether something did not fit. What comes after that is dropped, too.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// How many characters there is still room for.
    pub(crate) fn room(&self) -> usize {
        if self.is_full { 0 } else { self.room }
    }

    /// How many bytes there are, for [`Markdown::cut`].
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Takes back what was written since then.
    pub(crate) fn cut(&mut self, length: usize) {
        if !self.is_full {
            self.room += self
                .text
                .get(length..)
                .map_or(0, |text| text.chars().count());
            self.text.truncate(length);
        }
    }

    /// A heading. The level is brought into 1 to 6.
    pub(crate) fn heading(&mut self, level: usize, text: &str) {
        let text = one_line(text);
        if !text.is_empty() {
            self.block();
            self.push(&"#".repeat(level.clamp(1, 6)));
            self.push(" ");
            self.push(&text);
        }
    }

    /// A paragraph; the line breaks in it stay.
    pub(crate) fn paragraph(&mut self, text: &str) {
        let text = text.trim_matches(['\n', '\r', ' ', '\t', '\u{3000}']);
        if !text.is_empty() {
            self.block();
            self.push(text);
        }
    }

    /// An item of a list. Items that follow each other are not parted by empty lines.
    pub(crate) fn item(&mut self, depth: usize, marker: Marker, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let line = self.text.rsplit('\n').next().unwrap_or_default();
        let line = line.trim_start();
        let follows = line.starts_with("- ")
            || line
                .trim_start_matches(|character: char| character.is_ascii_digit())
                .starts_with(". ");
        if follows {
            self.push("\n");
        } else {
            self.block();
        }
        self.push(&"  ".repeat(depth.min(8)));
        match marker {
            Marker::Bullet => self.push("- "),
            Marker::Number(number) => self.push(&format!("{number}. ")),
        }
        self.push(&text.replace('\n', " "));
    }

    /// A table; the first row is its head. Rows may differ in length.
    pub(crate) fn table(&mut self, rows: &[Vec<String>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        if columns == 0 {
            return;
        }
        self.block();
        for (number, row) in rows.iter().enumerate() {
            if number > 0 {
                self.push("\n");
            }
            self.row(row, columns);
            if number == 0 {
                self.push("\n|");
                self.push(&" --- |".repeat(columns));
            }
        }
    }

    fn row(&mut self, cells: &[String], columns: usize) {
        self.push("|");
        for column in 0..columns {
            let text = cells.get(column).map(|text| cell(text)).unwrap_or_default();
            self.push(" ");
            self.push(&text);
            self.push(" |");
        }
    }

    /// Text that stays as it is, with the name of its language.
    pub(crate) fn code(&mut self, language: &str, text: &str) {
        // The fence is longer than any in the text.
        let longest = text.split(|character| character != '`').map(str::len).max();
        let fence = "`".repeat((longest.unwrap_or_default() + 1).max(3));
        self.block();
        self.push(&format!("{fence}{language}\n"));
        let rest = self.room.saturating_sub(fence.len() + 1);
        // The fence is closed even when the text does not fit.
        let cut = text.trim_end().char_indices().nth(rest).map(|(at, _)| at);
        match cut {
            Some(at) => {
                self.push(text.get(..at).unwrap_or_default());
                self.push(&format!("\n{fence}"));
                self.is_full = true;
            }
            None => {
                self.push(text.trim_end());
                self.push(&format!("\n{fence}"));
            }
        }
    }

    /// Markdown of somebody else.
    pub(crate) fn raw(&mut self, text: &str) {
        let text = text.trim_matches(['\n', '\r']);
        if !text.trim().is_empty() {
            self.block();
            self.push(text);
        }
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text
    }

    fn block(&mut self) {
        if !self.text.is_empty() {
            self.push("\n\n");
        }
    }

    fn push(&mut self, text: &str) {
        if self.is_full {
            return;
        }
        // Fewer bytes than room are fewer characters, too: most texts need not be counted twice.
        let count = text.chars().count();
        if count <= self.room {
            self.room -= count;
            self.text.push_str(text);
        } else {
            self.text.extend(text.chars().take(self.room));
            self.room = 0;
            self.is_full = true;
        }
    }
}

/// Text with every run of white space as one space.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Text that does not break a table.
fn cell(text: &str) -> String {
    let text = text.trim();
    if !text.contains(['|', '\n', '\r']) {
        return text.to_owned();
    }
    text.replace('|', "\\|")
        .replace("\r\n", "<br>")
        .replace(['\n', '\r'], "<br>")
}

/// A link, unless the address is missing or says the same as the text.
pub(crate) fn link(text: &str, address: &str) -> String {
    if address.is_empty() || text == address || text.trim().is_empty() {
        text.to_owned()
    } else {
        format!(
            "[{text}]({})",
            address.replace(' ', "%20").replace(')', "%29")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(write: impl FnOnce(&mut Markdown), expected: &str) {
        let mut markdown = Markdown::new(1_000);
        write(&mut markdown);
        assert_eq!(markdown.finish(), expected);
    }

    #[test]
    fn blocks_are_parted_and_items_are_not() {
        check(
            |markdown| {
                markdown.heading(9, "一 \n 总体");
                markdown.item(0, Marker::Bullet, "a");
                markdown.item(1, Marker::Number(2), "b\nc");
                markdown.paragraph("\n完\n");
            },
            "###### 一 总体\n\n- a\n  2. b c\n\n完\n",
        );
    }

    #[test]
    fn tables_take_any_text() {
        let rows = vec![
            vec!["a|b".to_owned()],
            vec!["1\n2".to_owned(), "3".to_owned()],
        ];
        check(
            |markdown| markdown.table(&rows),
            "| a\\|b |  |\n| --- | --- |\n| 1<br>2 | 3 |\n",
        );
    }

    #[test]
    fn code_cannot_leave_its_fence() {
        check(
            |markdown| markdown.code("md", "```\nx\n```\n"),
            "````md\n```\nx\n```\n````\n",
        );
        let mut markdown = Markdown::new(20);
        markdown.code("", &"字".repeat(30));
        assert!(markdown.is_full());
        assert_eq!(
            markdown.finish(),
            format!("```\n{}\n```\n", "字".repeat(12))
        );
    }

    #[test]
    fn nothing_is_written_over_the_limit() {
        let mut markdown = Markdown::new(5);
        markdown.paragraph("一二三");
        markdown.paragraph("四");
        assert!(markdown.is_full());
        assert_eq!(markdown.finish(), "一二三\n");
    }
}

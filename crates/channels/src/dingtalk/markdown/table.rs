//! Tables: cards have them, messages have none, so that there each row becomes an entry of a list.

use pulldown_cmark::Alignment;

use super::Profile;

/// A table while it is being read.
pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self {
            alignments,
            rows: Vec::new(),
        }
    }

    pub(super) fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    pub(super) fn end_cell(&mut self, text: &str) {
        if let Some(row) = self.rows.last_mut() {
            row.push(text.trim().to_owned());
        }
    }

    pub(super) fn write(&self, profile: Profile) -> String {
        match profile {
            Profile::Card => self.grid(),
            Profile::Message | Profile::Plain => self.list(profile),
        }
    }

    /// A table of markdown, with the line below the header that cards want: `| :- | :-: | -: |`.
    fn grid(&self) -> String {
        let line = |cells: &mut dyn Iterator<Item = String>| {
            let cells: Vec<String> = cells.collect();
            format!("| {} |", cells.join(" | "))
        };
        // Bars inside of cells come escaped, as they were written.
        let one_line = |cell: &String| cell.replace('\n', "<br>");
        let mut lines: Vec<String> = self
            .rows
            .iter()
            .map(|row| line(&mut row.iter().map(one_line)))
            .collect();
        let divider = |alignment: &Alignment| {
            match alignment {
                Alignment::Center => ":-:",
                Alignment::Right => "-:",
                Alignment::Left | Alignment::None => ":-",
            }
            .to_owned()
        };
        let dividers = line(&mut self.alignments.iter().map(divider));
        lines.insert(lines.len().min(1), dividers);
        lines.join("\n")
    }

    /// `- **first cell**：second header second cell，third header third cell`. A table without rows shows its header.
    fn list(&self, profile: Profile) -> String {
        let Some((header, rows)) = self.rows.split_first() else {
            return String::new();
        };
        let strong = profile.markup("**");
        if rows.is_empty() {
            return format!("- {}", header.join("，"));
        }
        let lines = rows.iter().map(|row| {
            let mut cells = row.iter();
            let name = cells.next().map(String::as_str).unwrap_or_default();
            let rest: Vec<String> = cells
                .zip(header.iter().skip(1))
                .filter(|(cell, _)| !cell.is_empty())
                .map(|(cell, title)| format!("{title} {cell}").trim().to_owned())
                .collect();
            match (name.is_empty(), rest.is_empty()) {
                (true, _) => format!("- {}", rest.join("，")),
                (false, true) => format!("- {strong}{name}{strong}"),
                (false, false) => format!("- {strong}{name}{strong}：{}", rest.join("，")),
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

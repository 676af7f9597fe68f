//! Tables: DingTalk messages have none, so that each row becomes an entry of a list.

use super::Profile;

/// A table while it is being read.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    pub(super) fn end_cell(&mut self, text: &str) {
        if let Some(row) = self.rows.last_mut() {
            row.push(text.trim().to_owned());
        }
    }

    /// `- **first cell**：second header second cell，third header third cell`. A table without rows shows its header.
    pub(super) fn list(&self, profile: Profile) -> String {
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

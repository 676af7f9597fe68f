//! A QR code of half blocks: two modules in each character, dark on light whatever the colours of the terminal.

use qrcode::{Color, EcLevel, QrCode};

/// The margin that the standard asks for, in modules. Above and below half of it does: what follows is empty, too.
const SIDE: usize = 4;
const ABOVE: usize = 2;

/// Black on white, whatever the terminal's own colours are; and back to them.
const PAPER: &str = "\x1b[38;5;16;48;5;231m";
const PLAIN: &str = "\x1b[0m";

/// The lines of a code; `None` for a text that is too long for one, or for a terminal of fewer columns.
///
/// With `colours` the paper is painted. Without, it is drawn with full blocks, as fits a dark terminal; on a light one the
/// code is inverted, which not every camera reads.
pub(crate) fn code(text: &str, columns: usize, colours: bool) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let size = code.width();
    let width = size + 2 * SIDE;
    if width > columns {
        return None;
    }
    let modules = code.to_colors();
    let is_dark = |x: usize, y: usize| {
        let (x, y) = (x.checked_sub(SIDE), y.checked_sub(ABOVE));
        let (Some(x), Some(y)) = (x.filter(|x| *x < size), y.filter(|y| *y < size)) else {
            return false;
        };
        modules.get(y * size + x) == Some(&Color::Dark)
    };
    let rows = (size + 2 * ABOVE).div_ceil(2);
    let line = |row: usize| {
        let blocks: String = (0..width)
            .map(|x| {
                block(
                    is_dark(x, 2 * row) == colours,
                    is_dark(x, 2 * row + 1) == colours,
                )
            })
            .collect();
        match colours {
            true => format!("{PAPER}{blocks}{PLAIN}"),
            false => blocks,
        }
    };
    Some((0..rows).map(line).collect())
}

/// The character whose upper and lower half are inked so.
fn block(upper: bool, lower: bool) -> char {
    match (upper, lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a camera sees of a painted code: dark or light, module by module, the margins included.
    fn seen(lines: &[String]) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in lines {
            let inner = line
                .strip_prefix(PAPER)
                .and_then(|line| line.strip_suffix(PLAIN));
            let inner = inner.expect("it is painted");
            let half = |marks: [char; 2]| inner.chars().map(|c| marks.contains(&c)).collect();
            rows.push(half(['█', '▀']));
            rows.push(half(['█', '▄']));
        }
        rows
    }

    const ADDRESS: &str = "https://open-dev.dingtalk.com/fe/registration?user_code=MUEU-DEKR-5TN3";

    #[test]
    fn the_code_is_dark_on_light_with_a_margin_and_fits_an_usual_terminal() {
        let lines = code(ADDRESS, 80, true).expect("it fits");
        assert!(lines.len() <= 22, "{} lines of 24", lines.len());
        let rows = seen(&lines);
        let size = rows[0].len() - 2 * SIDE;
        let modules = QrCode::with_error_correction_level(ADDRESS, EcLevel::L).unwrap();
        assert_eq!(size, modules.width());
        for (y, row) in rows.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let inside = (SIDE..SIDE + size).contains(&x) && (ABOVE..ABOVE + size).contains(&y);
                let expected = inside && modules[(x - SIDE, y - ABOVE)] == Color::Dark;
                assert_eq!(*dark, expected, "{x}, {y}");
            }
        }
    }

    #[test]
    fn without_colours_light_is_inked_and_a_narrow_terminal_has_none() {
        let painted = code(ADDRESS, 80, true).expect("it fits");
        let plain = code(ADDRESS, 80, false).expect("it fits");
        assert_eq!(painted.len(), plain.len());
        let margin: String = plain[0].chars().collect();
        assert!(margin.chars().all(|character| character == '█'), "{margin}");
        assert_eq!(code(ADDRESS, 40, true), None);
        assert_eq!(code(&"长".repeat(3_000), 500, true), None);
    }
}

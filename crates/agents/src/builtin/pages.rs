//! Parts of a long text: pages, ranges, places. Pure.

/// How a page begins in the text of a document.
const PAGE: &str = "<!-- page ";
/// Places that are shown, and characters around each.
const PLACES: usize = 8;
const AROUND: usize = 300;

/// A range of characters, and where it stands in the whole.
pub(super) fn range(text: &str, from: usize, most: usize) -> String {
    let length = text.chars().count();
    let part: String = text.chars().skip(from).take(most).collect();
    let end = from.saturating_add(part.chars().count()).min(length);
    let rest = if end < length {
        format!("; go on with from={end}")
    } else {
        String::new()
    };
    format!("(characters {from} to {end} of {length}{rest})\n{part}")
}

/// Some pages, of a text that has them.
pub(super) fn pages(text: &str, wanted: &str) -> Result<String, String> {
    let (first, last) = wanted.split_once('-').unwrap_or((wanted, wanted));
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let (Some(first), Some(last)) = (number(first), number(last)) else {
        return Err(format!("`{wanted}` are no pages: write 3 or 12-15"));
    };
    let all: Vec<(usize, &str)> = text
        .split(PAGE)
        .skip(1)
        .filter_map(|page| Some((page.split_once(" -->")?.0.parse().ok()?, page)))
        .collect();
    let Some((end, _)) = all.last() else {
        return Err("this document has no pages: use from or find".to_owned());
    };
    let shown: Vec<_> = all
        .iter()
        .filter(|(number, _)| (first..=last).contains(number))
        .map(|(_, page)| format!("{PAGE}{page}"))
        .collect();
    if shown.is_empty() {
        return Err(format!("the text of this document ends with page {end}"));
    }
    Ok(shown.concat())
}

/// The places where a text stands, with what is around them.
pub(super) fn find(text: &str, wanted: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let wanted: Vec<char> = wanted.chars().flat_map(char::to_lowercase).collect();
    let lower: Vec<char> = characters
        .iter()
        // One for one, so that places agree.
        .map(|character| character.to_lowercase().next().unwrap_or(*character))
        .collect();
    let places: Vec<usize> = lower
        .windows(wanted.len().max(1))
        .enumerate()
        .filter(|(_, window)| *window == wanted)
        .map(|(place, _)| place)
        .collect();
    let mut shown = format!("(found {} times)\n", places.len());
    let mut behind = 0;
    for place in places
        .iter()
        .filter(|place| **place >= behind_of(&mut behind, **place))
        .take(PLACES)
    {
        let start = place.saturating_sub(AROUND);
        let end = (place + wanted.len() + AROUND).min(characters.len());
        let around: String = characters[start..end].iter().collect();
        shown.push_str(&format!("--- at character {place}:\n{around}\n"));
    }
    shown
}

/// Places that are shown already are not shown again.
fn behind_of(behind: &mut usize, place: usize) -> usize {
    let before = *behind;
    if place >= before {
        *behind = place + AROUND;
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "<!-- page 1 -->\n\n封面\n\n<!-- page 2 -->\n\n合同金额 12 万\n\n<!-- page 10 -->\n\n附件👨‍👩‍👧";

    #[test]
    fn pages_are_found_by_their_numbers() {
        assert!(pages(DOCUMENT, "2").unwrap().contains("12 万"));
        let two = pages(DOCUMENT, " 2 - 10").unwrap();
        assert!(two.contains("12 万") && two.contains("附件") && !two.contains("封面"));
        assert!(pages(DOCUMENT, "11").unwrap_err().contains("page 10"));
        assert!(pages(DOCUMENT, "第二页").is_err());
        assert!(pages("纯文本", "1").unwrap_err().contains("no pages"));
    }

    #[test]
    fn ranges_say_how_to_go_on() {
        assert_eq!(
            range("零一二三四", 1, 2),
            "(characters 1 to 3 of 5; go on with from=3)\n一二"
        );
        assert_eq!(range("零一", 1, 9), "(characters 1 to 2 of 2)\n一");
        assert_eq!(range("零一", 7, 9), "(characters 7 to 2 of 2)\n");
    }

    #[test]
    fn places_are_shown_once_with_their_surroundings() {
        let text = format!("{}金额 ABC{}abc", "前".repeat(1_000), "后".repeat(1_000));
        let shown = find(&text, "Abc");
        assert!(shown.starts_with("(found 2 times)"));
        assert!(shown.contains("at character 1003") && shown.contains("金额 ABC"));
        assert!(find(&text, "没有").starts_with("(found 0 times)"));
        assert!(find("", "x").starts_with("(found 0 times)"));
        assert!(find("aaaa", "a").contains("at character 0"));
        assert!(!find("aaaa", "a").contains("at character 1:"));
    }
}

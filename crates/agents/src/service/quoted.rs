//! A server may repeat what it was asked. What people wrote is taken out of its words before anybody logs them.

/// Characters that are a quotation, no coincidence.
const QUOTATION: usize = 8;

/// The words without the parts that stand in one of the texts, too. They are at most a few hundred characters long.
pub(super) fn without(words: &str, texts: &[&str]) -> String {
    let starts: Vec<usize> = words.char_indices().map(|(start, _)| start).collect();
    let mut quoted = vec![false; starts.len()];
    for first in 0..starts.len().saturating_sub(QUOTATION - 1) {
        let end = starts.get(first + QUOTATION).copied();
        let part = words.get(starts[first]..end.unwrap_or(words.len()));
        let part = part.unwrap_or_default();
        if texts.iter().any(|text| text.contains(part)) {
            quoted[first..first + QUOTATION].fill(true);
        }
    }
    let mut shown = String::with_capacity(words.len());
    let mut before = false;
    for (character, quoted) in words.chars().zip(quoted) {
        if !quoted {
            shown.push(character);
        } else if !before {
            shown.push_str("<redacted>");
        }
        before = quoted;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_go_even_when_they_were_cut_off() {
        let texts = ["请问：月底的裁员名单什么时候公布？"];
        assert_eq!(
            without("HTTP 400: 内容「月底的裁员名单什么时候公", &texts),
            "HTTP 400: 内容「<redacted>"
        );
        assert_eq!(
            without("月底的裁员名单什么时候公布违规", &texts),
            "<redacted>违规"
        );
        assert_eq!(without("什么时候公布", &texts), "什么时候公布");
        assert_eq!(without("", &texts), "");
    }
}

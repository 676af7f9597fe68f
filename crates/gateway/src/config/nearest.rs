//! The name that somebody probably meant.

/// The candidate that differs from a name by the fewest typing errors, if it is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = normal(name);
    if wanted.is_empty() {
        return None;
    }
    let allowed = (wanted.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &normal(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Case and separators are what people get wrong first, and do not count: `client_id` is `clientId`.
fn normal(name: &str) -> Vec<char> {
    let separator = |character: &char| !"_- ".contains(*character);
    name.chars()
        .filter(separator)
        .flat_map(char::to_lowercase)
        .collect()
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one to the other.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, character) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(character != other);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let is_swap =
                row > 0 && column > 0 && *character == to[column - 1] && from[row - 1] == *other;
            if is_swap {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_recognised_and_other_words_are_not() {
        let keys = ["clientId", "clientSecret", "robotCode", "dmPolicy", "debug"];
        let find = |name| nearest(name, keys);
        assert_eq!(find("clientID"), Some("clientId"));
        assert_eq!(find("client_id"), Some("clientId"));
        assert_eq!(find("cleintSecret"), Some("clientSecret"));
        assert_eq!(find("roboCode"), Some("robotCode"));
        assert_eq!(find("debgu"), Some("debug"));
        assert_eq!(find("workspace"), None);
        assert_eq!(find(""), None);
    }
}

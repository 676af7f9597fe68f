//! What tokens cost.

use chela_engine::ports::{Cost, Usage};

/// Prices of a million tokens each, in whatever unit the configuration uses. All zero: nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prices {
    /// Tokens that the model reads.
    pub input: f64,
    /// Tokens that it writes.
    pub output: f64,
    /// Tokens that it reads from its cache.
    pub cache_read: f64,
    /// Tokens that it reads and puts into its cache.
    pub cache_write: f64,
}

impl Prices {
    /// What this much costs.
    pub(crate) fn cost(&self, usage: &Usage) -> Cost {
        let cached = usage.cached_tokens + usage.cache_written_tokens;
        let fresh = usage.input_tokens.saturating_sub(cached);
        let price: f64 = [
            (fresh, self.input),
            (usage.cached_tokens, self.cache_read),
            (usage.cache_written_tokens, self.cache_write),
            (usage.output_tokens, self.output),
        ]
        .into_iter()
        // A token's price in billionths is that of a million tokens times a thousand.
        .map(|(tokens, price)| tokens as f64 * price * 1_000.0)
        .sum();
        // Negative prices and what is no number become zero here.
        Cost(price.round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_token_has_its_price() {
        let prices = Prices {
            input: 0.28,
            output: 0.42,
            cache_read: 0.0028,
            cache_write: 0.35,
        };
        let usage = Usage {
            input_tokens: 1_000_000,
            cached_tokens: 500_000,
            cache_written_tokens: 100_000,
            output_tokens: 10_000,
            ..Usage::default()
        };
        // 0.4 of the input at 0.28, 0.5 at 0.0028, 0.1 at 0.35, and 0.01 of output at 0.42.
        assert_eq!(prices.cost(&usage), Cost(152_600_000));
        assert_eq!(Prices::default().cost(&usage), Cost(0));
    }
}

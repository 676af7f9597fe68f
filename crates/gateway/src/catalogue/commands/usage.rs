//! What the bot says to `/usage`.

use chela_engine::command::Reply;
use chela_engine::ports::{Cost, Usage};
use chela_engine::settings::Allowance;

use crate::catalogue::Phrase;
use crate::catalogue::text::phrase;

/// What a session, a day and a month have used, and what is left of the day.
pub(super) fn words(reply: &Reply) -> Phrase {
    let Reply::Usage {
        input,
        output,
        entries,
        today,
        month,
        allowed,
    } = reply
    else {
        return phrase!("", "");
    };
    let (today_zh, today_en) = amount(today);
    let (month_zh, month_en) = amount(month);
    let (left_zh, left_en) = left(today, allowed);
    phrase!(
        "本会话用量：读入 {input} tokens，写出 {output} tokens，共 {entries} 条记录。\n\
         你今天：{today_zh}\n你本月：{month_zh}{left_zh}",
        "This session: {input} tokens read, {output} written, {entries} entries.\n\
         You today: {today_en}\nYou this month: {month_en}{left_en}",
    )
}

fn total(usage: &Usage) -> u64 {
    usage.input_tokens.saturating_add(usage.output_tokens)
}

fn amount(usage: &Usage) -> (String, String) {
    let tokens = total(usage);
    if usage.cost == Cost::default() {
        return (format!("{tokens} tokens"), format!("{tokens} tokens"));
    }
    let cost = money(usage.cost);
    (
        format!("{tokens} tokens，费用 {cost}"),
        format!("{tokens} tokens, cost {cost}"),
    )
}

fn left(today: &Usage, allowed: &Allowance) -> (String, String) {
    let tokens = allowed.tokens.map(|most| {
        let left = most.saturating_sub(total(today));
        (
            format!("{left} / {most} tokens"),
            format!("{left} of {most} tokens"),
        )
    });
    let cost = allowed.cost.map(|most| {
        let left = money(Cost(most.0.saturating_sub(today.cost.0)));
        let most = money(most);
        (
            format!("费用 {left} / {most}"),
            format!("cost {left} of {most}"),
        )
    });
    let (zh, en): (Vec<_>, Vec<_>) = tokens.into_iter().chain(cost).unzip();
    if zh.is_empty() {
        return (String::new(), String::new());
    }
    (
        format!("\n今天还可用：{}", zh.join("，")),
        format!("\nLeft today: {}", en.join(", ")),
    )
}

/// With four digits behind the point, rounded down.
pub(crate) fn money(cost: Cost) -> String {
    let parts = cost.0 / 100_000;
    format!("{}.{:04}", parts / 10_000, parts % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Language;

    #[test]
    fn day_month_and_what_is_left_are_told_with_their_cost() {
        let usage = |tokens, cost| Usage {
            input_tokens: tokens,
            cost: Cost(cost),
            ..Usage::default()
        };
        let reply = Reply::Usage {
            input: 10,
            output: 5,
            entries: 2,
            today: usage(300, 1_200_000_000),
            month: usage(4_000, 5_000_000_000),
            allowed: Allowance {
                tokens: Some(1_000),
                cost: Some(Cost(1_000_000_000)),
            },
        };
        let told = words(&reply);
        let lines: Vec<_> = told.get(Language::Chinese).lines().collect();
        assert_eq!(
            lines[1..],
            [
                "你今天：300 tokens，费用 1.2000",
                "你本月：4000 tokens，费用 5.0000",
                "今天还可用：700 / 1000 tokens，费用 0.0000 / 1.0000"
            ]
        );
    }
}

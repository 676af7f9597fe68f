//! Golden outputs: what an author wrote, and what goes to DingTalk.

use super::{Profile, render};
use crate::dingtalk::words::chinese::Chinese;

#[track_caller]
fn check(source: &str, message: &str, plain: &str) {
    assert_eq!(
        render(source, Profile::Message, &Chinese),
        message,
        "as a markdown message"
    );
    assert_eq!(
        render(source, Profile::Plain, &Chinese),
        plain,
        "as a text message"
    );
    assert_eq!(
        render(message, Profile::Message, &Chinese),
        message,
        "rendering again changes nothing"
    );
}

#[test]
fn single_line_breaks_stay() {
    check(
        "第一行\r\n第二行\n\n另一段",
        "第一行  \n第二行\n\n另一段",
        "第一行\n第二行\n\n另一段",
    );
}

#[test]
fn inline_markup_and_links() {
    check(
        "**重点**和*强调*，`code`，[官网](https://chela.example)，~~旧~~ \\*星号\\*",
        "**重点**和*强调*，`code`，[官网 (chela.example)](https://chela.example)，旧 \\*星号\\*",
        "重点和强调，code，官网 (https://chela.example)，旧 *星号*",
    );
    check(
        "<https://chela.example>",
        "https://chela.example",
        "https://chela.example",
    );
}

#[test]
fn headings_and_rules() {
    check(
        "# 标题\n正文\n\n---\n\n### 小节",
        "# 标题\n\n正文\n\n———\n\n### 小节",
        "标题\n\n正文\n\n———\n\n小节",
    );
}

#[test]
fn a_list_right_behind_a_paragraph_gets_its_blank_line() {
    check(
        "步骤：\n1. 打开\n2. 点击\n   确认",
        "步骤：\n\n1. 打开\n2. 点击  \n   确认",
        "步骤：\n\n1. 打开\n2. 点击\n   确认",
    );
}

#[test]
fn nested_lists_and_tasks() {
    check(
        "* 甲\n    * 甲一\n    * 甲二\n* 乙",
        "- 甲\n  - 甲一\n  - 甲二\n- 乙",
        "- 甲\n  - 甲一\n  - 甲二\n- 乙",
    );
    check(
        "- [x] 已完成\n- [ ] 未完成",
        "- ☑ 已完成\n- ☐ 未完成",
        "- ☑ 已完成\n- ☐ 未完成",
    );
}

#[test]
fn quotes_keep_their_lines() {
    check(
        "> 引用一\n> 引用二\n\n回复",
        "> 引用一  \n> 引用二\n\n回复",
        "引用一\n引用二\n\n回复",
    );
}

#[test]
fn tables_become_lists() {
    check(
        "| 城市 | 人口 | 备注 |\n|---|---:|---|\n| 北京 | 2189万 | **首都** |\n| 上海 | 2487万 | |",
        "- **北京**：人口 2189万，备注 **首都**\n- **上海**：人口 2487万",
        "- 北京：人口 2189万，备注 首都\n- 上海：人口 2487万",
    );
}

#[test]
fn code_is_untouched() {
    let code = "```rust\nfn main() {\n    // | 不是 | 表格 |\n\n    let x = \"**\";\n}\n```";
    check(
        code,
        code,
        "fn main() {\n    // | 不是 | 表格 |\n\n    let x = \"**\";\n}",
    );
    check(
        "````md\n```\n里面\n```\n````",
        "````md\n```\n里面\n```\n````",
        "```\n里面\n```",
    );
}

#[test]
fn indented_fences_are_brought_out() {
    check(
        "1. 运行\n\n   ```sh\n   ls -l\n   ```\n2. 完成",
        "1. 运行\n\n   ```sh\n   ls -l\n   ```\n2. 完成",
        "1. 运行\n\n   ls -l\n2. 完成",
    );
}

#[test]
fn anything_at_all_is_rendered() {
    for text in [
        "",
        " ",
        "\n\n",
        "|",
        "```",
        "> ",
        "- ",
        "<div>html</div>",
        "[半个](",
        "a\tb",
        "👨‍👩‍👧‍👦",
        "\\",
        "&amp;",
    ] {
        let rendered = render(text, Profile::Message, &Chinese);
        assert!(
            rendered.len() <= text.len() + 8,
            "{text:?} became {rendered:?}"
        );
    }
    assert_eq!(
        render("<div>保留</div>", Profile::Message, &Chinese),
        "<div>保留</div>"
    );
    assert_eq!(
        render("没有结尾\n```\n代码", Profile::Message, &Chinese),
        "没有结尾\n\n```\n代码\n```"
    );
}

#[test]
fn a41_a_card_has_tables_and_its_own_line_breaks() {
    let source = "结论：\n如下\n\n| 项目 | 金额 |\n|---|--:|\n| 差旅 | 12 |\n| a\\|b | 3 |\n\n> 引用一\n> 引用二\n\n```rust\nlet a = 1;\n```\n---\n- 一\n  - 二\n";
    let card = "结论：<br>如下\n\n| 项目 | 金额 |\n| :- | -: |\n| 差旅 | 12 |\n| a\\|b | 3 |\n\n> 引用一<br>引用二\n\n```rust\nlet a = 1;\n```\n\n---\n\n- 一\n  - 二";
    assert_eq!(render(source, Profile::Card, &Chinese), card);
    assert_eq!(
        render(card, Profile::Card, &Chinese),
        card,
        "rendering again changes nothing"
    );
}

#[test]
fn nobody_is_led_where_they_do_not_see() {
    for profile in [Profile::Message, Profile::Card] {
        let shown = |source| render(source, profile, &Chinese);
        assert_eq!(shown("[点我](javascript:alert(1))"), "点我");
        assert_eq!(
            shown("[同意](dtmd://dingtalkclient/sendMessage?content=x)"),
            "同意"
        );
        assert_eq!(
            shown("[https://bank.example](https://evil.test/a)"),
            "[https://bank.example (evil.test)](https://evil.test/a)"
        );
        assert_eq!(
            shown("看图 ![统计](https://evil.test/p.png?secret=1)"),
            "看图 [图片：统计 (evil.test)](https://evil.test/p.png?secret=1)"
        );
        assert_eq!(shown("![图](@lADPxxxx)"), "![图](@lADPxxxx)");
    }
    assert_eq!(
        render("<a atId=all>大家</a><br>好", Profile::Card, &Chinese),
        "&lt;a atId=all&gt;大家&lt;/a&gt;<br>好"
    );
}

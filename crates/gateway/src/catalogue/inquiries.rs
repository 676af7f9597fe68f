//! What people read of approvals and questions: what is asked, how it can be answered by typing, and how it has ended.

use std::time::Duration;

use chela_engine::id::InquiryId;
use chela_engine::inquiry::{
    Answer, Approval, Field, FieldKind, Form, Inquiry, Refusal, State, Subject,
};
use chela_engine::text::{readable, truncate};
use chela_engine::time::Timestamp;

use super::notices::spell;
use super::text::phrase;
use super::{Code, Phrase, tools};

/// Characters of a call that are shown; of a longer one the beginning and the end.
const SHOWN: usize = 1_600;
/// Characters of a name, and of a tool.
const NAME: usize = 60;

/// What is asked.
pub(super) fn asked(inquiry: &Inquiry, is_asker: bool) -> Phrase {
    let (zh, en) = match &inquiry.subject {
        Subject::Approval(approval) => approval_words(inquiry, approval, is_asker),
        Subject::Form(form) => form_words(inquiry, form),
    };
    Phrase::new(zh, en)
}

fn approval_words(inquiry: &Inquiry, approval: &Approval, is_asker: bool) -> (String, String) {
    let (id, tool) = (&inquiry.id, plain(&approval.tool));
    let call = call(&approval.arguments);
    let (time_zh, time_en) = spell(inquiry.expires_at.since(inquiry.asked_at));
    let who = plain(&inquiry.asker.name);
    let (who_zh, who_en) = if is_asker {
        ("我".to_owned(), "I want".to_owned())
    } else {
        (format!("{who}的会话里，我"), format!("For {who}, I want"))
    };
    let (why_zh, why_en) = reasons(&approval.sources);
    (
        format!(
            "### 需要批准：{tool}\n\n{who_zh}要调用「{tool}」，内容如下：\n\n{call}\n\n{why_zh}只对这一次、这个内容有效，{time_zh}内有效。\n\n批准：`/批准 {id}`　拒绝：`/拒绝 {id}`"
        ),
        format!(
            "### Approval needed: {tool}\n\n{who_en} to call `{tool}` with exactly this:\n\n{call}\n\n{why_en}Your answer counts once, for this content, within {time_en}.\n\nYes: `/approve {id}`　No: `/approve {id} deny`"
        ),
    )
}

fn reasons(sources: &[String]) -> (String, String) {
    if sources.is_empty() {
        return (String::new(), String::new());
    }
    let named = sources.iter().map(|source| tools::named(source));
    let (zh, en): (Vec<_>, Vec<_>) = named.unzip();
    let (zh, en) = (zh.join("、"), en.join(", "));
    (
        format!("⚠️ 对话里有{zh}，这个操作可能是其中的文字引起的，请看清内容再决定。"),
        format!(
            "⚠️ The conversation holds {en}; what stands there may be what wants this. Look closely. "
        ),
    )
}

fn form_words(inquiry: &Inquiry, form: &Form) -> (String, String) {
    let id = &inquiry.id;
    let title = plain(&form.title);
    let description = readable(&form.description);
    let description = description.trim();
    let description = if description.is_empty() {
        String::new()
    } else {
        format!("{description}\n\n")
    };
    let fields: Vec<(String, String)> = form.fields.iter().map(field_words).collect();
    let (fields_zh, fields_en): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    let (fields_zh, fields_en) = (fields_zh.join("\n"), fields_en.join("\n"));
    let (time_zh, time_en) = spell(inquiry.expires_at.since(inquiry.asked_at));
    let (how_zh, how_en) = match form.fields.as_slice() {
        [_] => (format!("`/回答 {id} 内容`"), format!("`/answer {id} TEXT`")),
        _ => (
            format!("`/回答 {id}`，另起行每行写一项：`名称: 内容`"),
            format!("`/answer {id}`, then a line `name: value` for each"),
        ),
    };
    (
        format!("### {title}\n\n{description}{fields_zh}\n\n{time_zh}内有效。也可以回复：{how_zh}"),
        format!(
            "### {title}\n\n{description}{fields_en}\n\nIt can be answered within {time_en}. You can also write: {how_en}"
        ),
    )
}

fn field_words(field: &Field) -> (String, String) {
    let label = plain(&field.label);
    let star = if field.required { " *" } else { "" };
    let (zh, en) = match field.kind {
        FieldKind::Text | FieldKind::TextArea => ("", ""),
        FieldKind::TextArray => ("，可以多项", ", several"),
        FieldKind::Number => ("，数字", ", a number"),
        FieldKind::Date => ("，日期，如 2026-11-25", ", a date, as 2026-11-25"),
        FieldKind::Time => ("，时间，如 09:30", ", a time, as 09:30"),
        FieldKind::Datetime => (
            "，日期和时间，如 2026-11-25 09:30",
            ", date and time, as 2026-11-25 09:30",
        ),
        FieldKind::Checkbox | FieldKind::Switch => ("，是或否", ", yes or no"),
        FieldKind::Select | FieldKind::CheckboxGroup => ("，选一项", ", one of"),
        FieldKind::MultiSelect | FieldKind::MultiCheckboxGroup => ("，可多选", ", some of"),
    };
    let options = (1..).zip(&field.options);
    let options: String = options
        .map(|(number, (_, label))| format!("\n  {number}. {}", plain(label)))
        .collect();
    let options = if field.kind.is_choice() {
        options
    } else {
        String::new()
    };
    (
        format!("- {label}{star}{zh}{options}"),
        format!("- {label}{star}{en}{options}"),
    )
}

/// Said in the chat of whoever waits for somebody else.
pub(super) fn elsewhere(patience: Duration) -> Phrase {
    let (zh, en) = spell(patience);
    phrase!(
        "这个操作需要管理员批准，已经去问了，最多等 {zh}。不想等的话发「停止」。",
        "This needs the approval of an owner, who is being asked; I wait for {en} at most. Send “stop” if you do not want to wait.",
    )
}

/// How it has ended, in a line.
pub(super) fn closed(is_approval: bool, state: &State, utc_offset: i32) -> Phrase {
    match state {
        State::Pending => phrase!("等待处理", "open"),
        State::Answered { by, answer, at } => {
            let (who, at) = (plain_or_id(by), clock(*at, utc_offset));
            match answer {
                Answer::Approved => phrase!(
                    "✅ {who} 已批准（{at}），仅此一次",
                    "✅ Approved by {who} at {at}, once",
                ),
                Answer::Denied => phrase!("❌ {who} 已拒绝（{at}）", "❌ Denied by {who} at {at}"),
                Answer::Filled { .. } => {
                    phrase!("✅ {who} 已回答（{at}）", "✅ Answered by {who} at {at}")
                }
            }
        }
        State::Cancelled { by: Some(by), at } => {
            let (who, at) = (plain_or_id(by), clock(*at, utc_offset));
            phrase!("{who} 已取消（{at}）", "Cancelled by {who} at {at}")
        }
        State::Cancelled { by: None, at } => {
            let at = clock(*at, utc_offset);
            phrase!(
                "任务已结束，不再需要（{at}）",
                "No longer needed; the work has ended ({at})"
            )
        }
        State::Expired { at } => {
            let (at, code) = (clock(*at, utc_offset), Code::NotAnswered);
            if is_approval {
                phrase!(
                    "⌛ 没有人及时批准，操作没有执行（{at}，{code}）",
                    "⌛ Nobody approved in time; nothing was done ({at}, {code})",
                )
            } else {
                phrase!(
                    "⌛ 没有及时回答，已过期（{at}，{code}）",
                    "⌛ Not answered in time ({at}, {code})",
                )
            }
        }
        State::Superseded { at } => {
            let at = clock(*at, utc_offset);
            phrase!(
                "已被后来的消息取代（{at}）",
                "Something newer has taken its place ({at})",
            )
        }
    }
}

/// What was typed behind `/approve` is neither a yes nor a no.
pub(super) fn how_to_approve() -> Phrase {
    phrase!(
        "没有看懂。批准这一次：/批准 编号（/approve ID）；拒绝：/拒绝 编号（/approve ID deny）。不支持一直允许。",
        "I did not understand. Yes, once: /approve ID; no: /approve ID deny. There is no “always”.",
    )
}

/// Several things are asked.
pub(super) fn which(ids: &[InquiryId]) -> Phrase {
    let ids: Vec<&str> = ids.iter().map(InquiryId::as_str).collect();
    let ids = ids.join("、");
    phrase!(
        "有好几项在等你，请写上编号：{ids}",
        "Several things wait for you; please name one: {ids}",
    )
}

/// An answer does not count.
pub(super) fn refused(refusal: &Refusal) -> Phrase {
    let code = Code::AnswerRefused;
    match refusal {
        Refusal::Unknown => phrase!(
            "没有这个编号，或者现在没有在等你回答的事（{code}）",
            "There is nothing with this id, or nothing that waits for you ({code})",
        ),
        Refusal::NotYours => phrase!(
            "这件事要由被询问的人来决定，你的操作没有生效（{code}）",
            "Only the person who is asked can decide this; nothing has changed ({code})",
        ),
        Refusal::Over { state } => {
            let zh = match *state {
                "answered" => "已经有了结果",
                "superseded" => "已被后来的消息取代",
                _ => "已经取消",
            };
            phrase!(
                "这件事{zh}，你的操作没有生效（{code}）",
                "This is over already ({state}); nothing has changed ({code})",
            )
        }
        Refusal::Expired => phrase!(
            "已经过期，操作没有执行。需要的话请重新提出（{code}）",
            "It is too late, and nothing was done. Ask for it again if you like ({code})",
        ),
        Refusal::Mismatch { field: Some(field) } => {
            let field = plain(field);
            phrase!(
                "「{field}」没有填，或者填得不对，请改一下再提交（{code}）",
                "“{field}” is missing or not as it must be; please correct it ({code})",
            )
        }
        Refusal::Mismatch { field: None } => phrase!(
            "这样回答不了这件事（{code}）",
            "This is no answer to what is asked ({code})",
        ),
        Refusal::NotKept => phrase!(
            "没能保存你的决定，操作没有执行，请再试一次（{code}）",
            "Your answer could not be written down, and nothing was done. Please try again ({code})",
        ),
    }
}

/// Exactly what a call is made with, in a fence that it cannot leave.
fn call(arguments: &str) -> String {
    let arguments = readable(arguments);
    let count = arguments.chars().count();
    let shown = if count > SHOWN {
        let head: String = arguments.chars().take(SHOWN * 3 / 4).collect();
        let tail: String = arguments.chars().skip(count - SHOWN / 4).collect();
        let left_out = count - SHOWN;
        format!("{head}\n[… {left_out} / {count} …]\n{tail}")
    } else {
        arguments
    };
    // Longer than any run of the same in it.
    let mut longest = 2;
    let mut run = 0;
    for character in shown.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence}\n{shown}\n{fence}")
}

/// A name that cannot become more than a name.
fn plain(name: &str) -> String {
    let name = readable(name).replace(['\n', '\t'], " ");
    let special = |one: char| "*_`[]()#<>|\\".contains(one);
    let name: String = name.chars().filter(|one| !special(*one)).collect();
    truncate(name.trim(), NAME).to_owned()
}

fn plain_or_id(person: &chela_engine::message::Sender) -> String {
    let name = plain(&person.name);
    if name.is_empty() {
        person.id.to_string()
    } else {
        name
    }
}

/// The time of day where the gateway is.
fn clock(at: Timestamp, utc_offset: i32) -> String {
    let seconds = at.0.div_euclid(1_000) + i64::from(utc_offset);
    let minutes = seconds.div_euclid(60).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
pub(super) fn every_notice() -> Vec<chela_engine::ports::Notice> {
    use chela_engine::id::{AgentId, MessageId, PersonId, Sequence, SessionKey};
    use chela_engine::message::Sender;
    use chela_engine::ports::Notice;
    let by = || Sender {
        id: PersonId::new("lin"),
        name: "Lin".to_owned(),
    };
    let at = Timestamp(1_790_000_000_000);
    let inquiry = |subject| Inquiry {
        id: InquiryId::new("7-1kdtm"),
        sequence: Sequence(7),
        message: MessageId::new("m"),
        ordinal: 1,
        agent: AgentId::new("main"),
        session_key: SessionKey::new("s"),
        subject,
        digest: String::new(),
        asker: by(),
        deciders: vec![by().id],
        places: Vec::new(),
        asked_at: at,
        expires_at: at.after(Duration::from_secs(600)),
        state: State::Pending,
        used_at: None,
    };
    let approval = |sources: &[&str]| {
        Subject::Approval(Approval {
            tool: "message".to_owned(),
            arguments: "{\"text\":\"a ``` b\"}".to_owned(),
            sources: sources.iter().map(|source| (*source).to_owned()).collect(),
        })
    };
    let fields = FieldKind::ALL.map(|(word, kind)| Field {
        name: word.to_owned(),
        label: "Label".to_owned(),
        kind,
        required: true,
        options: vec![("a".to_owned(), "A".to_owned())],
    });
    let form = |count| {
        Subject::Form(Form {
            title: "Title".to_owned(),
            description: "More".to_owned(),
            fields: fields.iter().take(count).cloned().collect(),
        })
    };
    let asked = [approval(&[]), approval(&["web", "file"]), form(1), form(13)];
    let asked = asked.into_iter().map(|subject| Notice::Inquiry {
        inquiry: Box::new(inquiry(subject)),
        is_asker: true,
    });
    let other = Notice::Inquiry {
        inquiry: Box::new(inquiry(approval(&[]))),
        is_asker: false,
    };
    let answers = [
        Answer::Approved,
        Answer::Denied,
        Answer::Filled {
            values: Default::default(),
        },
    ];
    let states = answers.into_iter().map(|answer| State::Answered {
        by: by(),
        answer,
        at,
    });
    let states = states.chain([
        State::Pending,
        State::Cancelled { by: None, at },
        State::Cancelled { by: Some(by()), at },
        State::Expired { at },
        State::Superseded { at },
    ]);
    let closed = states.flat_map(|state| {
        [true, false].map(|is_approval| Notice::InquiryClosed {
            is_approval,
            state: state.clone(),
            utc_offset: 28_800,
        })
    });
    let refusals = [
        Refusal::Unknown,
        Refusal::NotYours,
        Refusal::Over { state: "answered" },
        Refusal::Expired,
        Refusal::Mismatch { field: None },
        Refusal::Mismatch {
            field: Some("n".to_owned()),
        },
        Refusal::NotKept,
    ];
    let refused = refusals
        .into_iter()
        .map(|refusal| Notice::AnswerRefused { refusal });
    let others = [
        other,
        Notice::AskedElsewhere {
            patience: Duration::from_secs(600),
        },
        Notice::HowToApprove,
        Notice::WhichInquiry {
            ids: vec![InquiryId::new("7-1kdtm")],
        },
    ];
    asked.chain(closed).chain(refused).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_cannot_leave_its_fence_and_a_long_one_says_what_is_left_out() {
        assert_eq!(call("a ``` b"), "````\na ``` b\n````");
        let long = call(&"长".repeat(3_000));
        assert!(long.contains("[… 1400 / 3000 …]"), "{long}");
    }

    #[test]
    fn names_are_only_names_and_times_are_those_of_the_place() {
        assert_eq!(plain("**林**\n[点我](x)"), "林 点我x");
        assert_eq!(clock(Timestamp(1_790_000_000_000), 28_800), "22:13");
        assert_eq!(clock(Timestamp(-1), -3_600), "22:59");
    }
}

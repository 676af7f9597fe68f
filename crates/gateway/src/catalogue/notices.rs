//! What the bot itself says to people in a chat. Short, friendly, and it tells what to do next.

use std::time::Duration;

use chela_engine::ports::{AgentErrorKind, BudgetScope, Notice, Remark, Texts};

use super::text::phrase;
use super::{Code, Language, Phrase, attachments, commands, inquiries, pairing};

/// The engine's sentences in one language.
#[derive(Clone, Copy, Debug)]
pub struct Notices {
    language: Language,
}

impl Notices {
    /// Speaks a language.
    pub fn new(language: Language) -> Self {
        Self { language }
    }
}

impl Texts for Notices {
    fn notice(&self, notice: &Notice) -> String {
        words(notice).get(self.language).to_owned()
    }

    fn remark(&self, remark: &Remark) -> String {
        attachments::remark(remark).get(self.language).to_owned()
    }
}

fn words(notice: &Notice) -> Phrase {
    match notice {
        Notice::NotAllowed { person } => phrase!(
            "你暂时不能使用我。请把这个 ID 发给管理员开通：{person}",
            "You are not on my list yet. Please send this id to an administrator: {person}",
        ),
        Notice::PairingCode {
            code,
            holds,
            person,
        } => pairing::code(code, *holds, person.as_str()),
        Notice::PairingFull => pairing::FULL.into(),
        Notice::Paired => pairing::PAIRED.into(),
        Notice::QueueFull { limit } => phrase!(
            "你的消息有点多，我最多同时排 {limit} 条，这一条没有收下。请等我答完前面的再发；想放弃前面的，发「停止」。",
            "That is a lot at once: I keep at most {limit} messages in line, and this one was not taken. Please send it again when I have caught up, or send “stop” to drop the earlier ones.",
        ),
        Notice::Queued { ahead } => phrase!(
            "收到，前面还有 {ahead} 条，会按顺序回答。",
            "Got it. {ahead} are before it, and all are answered in order.",
        ),
        Notice::UnknownAgents { names, known } => {
            let (names, known) = (names.join("、"), known.join("、"));
            phrase!(
                "没有叫「{names}」的智能体。可以找：{known}",
                "There is no agent “{names}”. You can call: {known}",
            )
        }
        Notice::Command(reply) => commands::words(reply),
        Notice::Stale { waited } => {
            let (zh, en) = spell(*waited);
            phrase!(
                "这条消息排了 {zh}，可能已经过时，我没有处理。如果还需要，请再发一次。",
                "This message waited for {en} and may be out of date, so I left it. If you still need it, please send it again.",
            )
        }
        Notice::JobMissed { name, due } => phrase!(
            "⏰ 定时任务「{name}」原定 {due}，那时我没有运行，错过了。如果还需要，请告诉我。",
            "⏰ The job “{name}” was due at {due}, but I was not running and missed it. If you still need it, please tell me.",
        ),
        Notice::NewSession => phrase!(
            "好的，我们重新开始。之前聊的内容我不会再参考。",
            "All right, a fresh start. I will no longer refer to what we said before.",
        ),
        Notice::SessionExpired { idle } => {
            let (zh, en) = spell(*idle);
            phrase!(
                "（距上次聊天已超过 {zh}，这是一个新的会话。）",
                "(More than {en} have passed, so this is a new conversation.)",
            )
        }
        Notice::SessionOver => phrase!(
            "（上一个会话已经结束，这是一个新的会话。）",
            "(The last conversation is over; this is a new one.)",
        ),
        Notice::StoppedEmpty { dropped } => stopped(*dropped),
        Notice::StoppedPartial { dropped } => stopped(*dropped),
        Notice::StoppedLate { .. } => phrase!(
            "已要求停止，但没能在 2 秒内确认全部停下，可能还有操作在收尾。（{code}）",
            "It was told to stop, but did not end within 2 s; something may still be finishing. ({code})",
            code = Code::StoppedLate,
        ),
        Notice::Superseded => phrase!(
            "（先停在这里，去答你的新消息。）",
            "(I stop here for your new message.)",
        ),
        Notice::NothingToStop => phrase!(
            "现在没有正在进行的回答。",
            "There is nothing to stop right now.",
        ),
        Notice::EmptyAnswer => phrase!(
            "这次没有得到任何内容，请换个说法再试一次。（{code}）",
            "There was no answer this time. Please try again in other words. ({code})",
            code = Code::AgentEmpty,
        ),
        Notice::ThinkingOnly => phrase!(
            "我想了一会儿，但没有得出答案。请把问题拆小一点，再试一次。（{code}）",
            "I thought about it but came to no answer. Please try again with a smaller question. ({code})",
            code = Code::AgentThinkingOnly,
        ),
        Notice::AgentFailed { kind } => agent_failed(*kind),
        Notice::AgentFailedPartial { kind } => phrase!(
            "（回答到这里中断了，上面的内容可能不完整。可以发「继续」试试。{code}）",
            "(The answer broke off here and may be incomplete. You can try “go on”. {code})",
            code = Code::of_agent(*kind),
        ),
        Notice::TimedOut { limit } => {
            let (zh, en) = spell(*limit);
            phrase!(
                "这个问题超过了 {zh} 的时间上限，我先停下了。请把问题拆小一点再试。（{code}）",
                "This took longer than the limit of {en}, so I stopped. Please try a smaller question. ({code})",
                code = Code::TurnTimedOut,
            )
        }
        Notice::Interrupted => phrase!(
            "回答时服务多次中断，我只好放弃这条消息，抱歉。请再发一次。（{code}）",
            "The service was interrupted several times while I answered, and I had to give up. Sorry; please send it again. ({code})",
            code = Code::TurnInterrupted,
        ),
        Notice::Internal => phrase!(
            "我这边出了点问题，没能完成回答。请稍后再试；如果一直这样，请告诉管理员。（{code}）",
            "Something went wrong on my side. Please try again later; if it stays like this, tell an administrator. ({code})",
            code = Code::Defect,
        ),
        Notice::EmptyMessage => phrase!(
            "我没有看到内容。请直接把问题发给我。",
            "I see no text. Just send me your question.",
        ),
        Notice::InFile { name } => phrase!(
            "回答较长，完整内容见附件《{name}》。",
            "This answer is long; all of it is in the file “{name}”.",
        ),
        Notice::Inquiry { inquiry, is_asker } => inquiries::asked(inquiry, *is_asker),
        Notice::AskedElsewhere { patience } => inquiries::elsewhere(*patience),
        Notice::InquiryClosed {
            is_approval,
            state,
            utc_offset,
        } => inquiries::closed(*is_approval, state, *utc_offset),
        Notice::HowToApprove => inquiries::how_to_approve(),
        Notice::WhichInquiry { ids } => inquiries::which(ids),
        Notice::AnswerRefused { refusal } => inquiries::refused(refusal),
    }
}

fn stopped(dropped: usize) -> Phrase {
    if dropped == 0 {
        phrase!("已停止。", "Stopped.")
    } else {
        phrase!(
            "已停止，排队的 {dropped} 条消息也取消了。",
            "Stopped; {dropped} waiting messages were dropped, too.",
        )
    }
}

fn agent_failed(kind: AgentErrorKind) -> Phrase {
    let code = Code::of_agent(kind);
    match kind {
        AgentErrorKind::NotConfigured => phrase!(
            "还没有配置大模型，我暂时不能回答。请联系管理员。（{code}）",
            "No model is set up yet, so I cannot answer. Please tell an administrator. ({code})",
        ),
        AgentErrorKind::Auth => phrase!(
            "大模型的密钥无效，我暂时不能回答。请联系管理员。（{code}）",
            "The model refuses its key, so I cannot answer. Please tell an administrator. ({code})",
        ),
        AgentErrorKind::RateLimited => phrase!(
            "现在提问的人太多了，请过一分钟再试。（{code}）",
            "Too many people are asking right now. Please try again in a minute. ({code})",
        ),
        AgentErrorKind::QuotaExhausted => phrase!(
            "大模型的额度用完了，我暂时不能回答。请联系管理员。（{code}）",
            "The model's quota is used up, so I cannot answer. Please tell an administrator. ({code})",
        ),
        AgentErrorKind::Unavailable => phrase!(
            "模型服务暂时不可用，请稍后再试。（{code}）",
            "The model is not available right now. Please try again later. ({code})",
        ),
        AgentErrorKind::Timeout => phrase!(
            "模型迟迟没有回应，请稍后再试。（{code}）",
            "The model did not respond in time. Please try again later. ({code})",
        ),
        AgentErrorKind::ContextTooLong => phrase!(
            "我们聊得太长了，模型装不下了。请发 /new 重新开始，再问一次。（{code}）",
            "Our conversation has become too long for the model. Please send /new and ask again. ({code})",
        ),
        AgentErrorKind::Refused => phrase!(
            "这个内容我不能回答，请换个问题。（{code}）",
            "I cannot answer this. Please ask something else. ({code})",
        ),
        AgentErrorKind::InvalidRequest | AgentErrorKind::UnknownModel => phrase!(
            "模型不接受这次请求，可能是模型名称配置有误。请联系管理员。（{code}）",
            "The model refuses the request; perhaps its name is set up wrongly. Please tell an administrator. ({code})",
        ),
        AgentErrorKind::Protocol => phrase!(
            "模型服务的回应看不懂，可能是地址配置有误。请联系管理员。（{code}）",
            "The model service answers something unknown; perhaps its address is set up wrongly. Please tell an administrator. ({code})",
        ),
        AgentErrorKind::OverBudget(BudgetScope::PersonDay) => phrase!(
            "你今天的用量已经到上限了，明天可以继续。急用请联系管理员。（{code}）",
            "You have used up what you may today; it goes on tomorrow. If it is urgent, please tell an administrator. ({code})",
        ),
        AgentErrorKind::OverBudget(BudgetScope::AgentMonth) => phrase!(
            "我这个月的用量已经到上限了，暂时不能回答。请联系管理员。（{code}）",
            "What I may use this month is used up, so I cannot answer. Please tell an administrator. ({code})",
        ),
    }
}

/// A length of time as people say it, rounded to its largest unit.
pub(super) fn spell(duration: Duration) -> (String, String) {
    let seconds = duration.as_secs();
    let (count, zh, en) = match seconds {
        0..=59 => (seconds.max(1), "秒", "second"),
        60..=3_599 => (seconds / 60, "分钟", "minute"),
        3_600..=86_399 => (seconds / 3_600, "小时", "hour"),
        _ => (seconds / 86_400, "天", "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    (format!("{count} {zh}"), format!("{count} {en}{plural}"))
}

#[cfg(test)]
mod tests {
    use chela_engine::id::PersonId;

    use super::super::text::is_chinese;
    use super::*;

    const KINDS: [AgentErrorKind; 13] = [
        AgentErrorKind::NotConfigured,
        AgentErrorKind::Auth,
        AgentErrorKind::RateLimited,
        AgentErrorKind::QuotaExhausted,
        AgentErrorKind::Unavailable,
        AgentErrorKind::Timeout,
        AgentErrorKind::ContextTooLong,
        AgentErrorKind::Refused,
        AgentErrorKind::InvalidRequest,
        AgentErrorKind::UnknownModel,
        AgentErrorKind::Protocol,
        AgentErrorKind::OverBudget(BudgetScope::PersonDay),
        AgentErrorKind::OverBudget(BudgetScope::AgentMonth),
    ];

    fn every_notice() -> Vec<Notice> {
        let minutes = Duration::from_secs(1_800);
        let mut notices = vec![
            Notice::NotAllowed {
                person: PersonId::new("manager7675"),
            },
            Notice::PairingCode {
                code: "AB2DEFGH".to_owned(),
                holds: minutes,
                person: PersonId::new("manager7675"),
            },
            Notice::PairingFull,
            Notice::Paired,
            Notice::QueueFull { limit: 8 },
            Notice::Stale { waited: minutes },
            Notice::JobMissed {
                name: "a".to_owned(),
                due: "2026-11-26 09:00".to_owned(),
            },
            Notice::NewSession,
            Notice::SessionExpired { idle: minutes },
            Notice::Queued { ahead: 2 },
            Notice::UnknownAgents {
                names: vec!["x".to_owned()],
                known: vec!["main".to_owned()],
            },
            Notice::SessionOver,
            Notice::StoppedLate { dropped: 1 },
            Notice::Superseded,
            Notice::StoppedEmpty { dropped: 0 },
            Notice::StoppedPartial { dropped: 2 },
            Notice::NothingToStop,
            Notice::EmptyAnswer,
            Notice::ThinkingOnly,
            Notice::TimedOut { limit: minutes },
            Notice::Interrupted,
            Notice::Internal,
            Notice::EmptyMessage,
            Notice::InFile {
                name: "report.md".to_owned(),
            },
        ];
        notices.extend(inquiries::every_notice());
        notices.extend(commands::every_reply().into_iter().map(Notice::Command));
        for kind in KINDS {
            notices.push(Notice::AgentFailed { kind });
            notices.push(Notice::AgentFailedPartial { kind });
        }
        notices
    }

    #[test]
    fn every_notice_is_said_in_both_languages() {
        for notice in every_notice() {
            let zh = Notices::new(Language::Chinese).notice(&notice);
            let en = Notices::new(Language::English).notice(&notice);
            assert!(is_chinese(&zh), "{notice:?}: {zh}");
            assert!(!en.is_empty() && !is_chinese(&en), "{notice:?}: {en}");
        }
    }

    #[test]
    fn an_administrator_finds_id_and_code() {
        let say = |notice| Notices::new(Language::Chinese).notice(&notice);
        assert!(
            say(Notice::NotAllowed {
                person: PersonId::new("manager7675")
            })
            .ends_with("manager7675")
        );
        assert_eq!(
            say(Notice::AgentFailed {
                kind: AgentErrorKind::Unavailable
            }),
            "模型服务暂时不可用，请稍后再试。（CHELA-4003）"
        );
        assert_eq!(
            say(Notice::SessionExpired {
                idle: Duration::from_secs(1_800)
            }),
            "（距上次聊天已超过 30 分钟，这是一个新的会话。）"
        );
    }
}

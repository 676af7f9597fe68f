//! DingTalk.

mod markdown;

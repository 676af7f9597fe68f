//! What every store must do, as one suite. A backend runs it with [`crate::store_conformance!`],
//! and with [`crate::jobs_conformance!`] when it keeps jobs.

mod fixture;
mod hints;
mod inbox;
mod inquiries;
mod jobs;
mod ledger;
mod outbox;
mod overview;
mod pairing;
mod session;
mod sessions;
mod spending;

pub use self::fixture::Fixture;
pub use self::hints::what_a_person_should_be_told_is_told_once_a_day;
pub use self::inbox::{
    an_abandoned_attempt_does_not_count, attempts_are_counted_until_the_end,
    calls_take_effect_in_their_order, messages_come_back_in_their_order,
    messages_that_are_there_are_not_taken_again, one_bad_call_harms_no_other,
    strange_text_comes_back_unharmed, writers_do_not_disturb_each_other,
};
pub use self::inquiries::{
    an_approval_is_used_once, an_inquiry_is_asked_and_ends_once, inquiries_go_with_their_message,
};
pub use self::jobs::{
    JobsFixture, a_delivery_that_was_given_up_keeps_the_job_and_tells_why,
    a_run_is_one_however_often_it_is_begun_and_tells_what_became_of_it,
    jobs_survive_a_restart_in_the_order_in_which_they_are_due,
    nobody_has_more_jobs_than_the_limits_allow,
};
pub use self::ledger::calls_are_counted_for_each_day;
pub use self::outbox::{
    a_message_ends_once_and_as_a_whole, failed_tries_are_remembered,
    messages_that_were_joined_end_together, replies_come_back_in_their_order,
    what_is_settled_stays_settled, what_was_given_up_is_sent_again_or_dropped,
};
pub use self::overview::{
    reactions_are_remembered_until_they_are_gone, replies_are_found_by_the_time_of_their_delivery,
    the_counts_follow, the_journal_finds_by_message_and_by_receipt,
    the_last_rating_of_each_person_counts, what_is_old_and_done_is_forgotten,
};
pub use self::pairing::{
    people_are_let_in_by_a_code, something_is_said_behind_the_end,
    whoever_is_refused_may_ask_again_after_a_day,
};
pub use self::session::{
    a_key_has_its_own_session, a_message_keeps_the_card_of_its_first_turn,
    a_reset_begins_another_session, a_turn_begun_again_finds_its_session,
    history_ends_where_the_turn_began, history_is_what_was_said_last, silence_ends_a_session,
};
pub use self::sessions::{
    a_message_is_shared_out_once, a_session_is_known_with_its_place_and_its_cost,
    a_summary_stands_for_the_beginning, something_is_said_before_the_end,
    what_is_set_is_remembered,
};
pub use self::spending::what_turns_have_used_is_summed_up;

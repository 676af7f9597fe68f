//! Whole months of the standard plan, as `examples/month` prints them.

#[path = "../../examples/month/simulation.rs"]
mod simulation;

use simulation::{fixed, governed, month};

#[test]
fn r10_a_month_on_the_standard_plan_is_answered_and_nothing_is_refused() {
    for per_weekday in [5, 20, 60, 110] {
        for seed in 0..20 {
            let questions = month(per_weekday, seed);
            let (ours, theirs) = (governed(&questions), fixed(&questions));
            let case = format!("{per_weekday} a weekday: {ours:?}, and at 800 ms {theirs:?}");
            assert_eq!((ours.refused, ours.withheld), (0, 0), "{case}");
            assert_eq!(ours.answered, questions.len() as u64, "{case}");
            let is_little = theirs.refused == 0;
            assert!(
                if is_little {
                    ours.answered == theirs.answered
                } else {
                    ours.answered > theirs.answered
                },
                "{case}"
            );
            assert!(per_weekday > 20 || ours.typed * 2 > ours.answered, "{case}");
        }
    }
}

/// More is asked than the plan has messages: what the platform pushes is answered, and no call is refused.
#[test]
fn r10_too_much_for_the_plan_is_withheld_by_the_platform_and_never_refused() {
    for seed in 0..20 {
        let ours = governed(&month(250, seed));
        assert_eq!(ours.refused, 0, "{ours:?}");
        assert_eq!(ours.answered + ours.withheld, ours.asked, "{ours:?}");
        assert!(ours.withheld > 0, "{ours:?}");
    }
}

/// What was spared is not left over: little use has fast cards.
#[test]
fn a_small_team_sees_every_answer_type() {
    let ours = governed(&month(4, 1));
    assert_eq!(ours.answered, ours.typed);
}

//! Patterns at Go's limits: what is accepted, what is refused, and that neither overflows the stack
//! of a test thread. The expectations are what Go 1.26.8 answers.

use renga_regexp::{ErrorCode, Regexp};

fn around(open: &str, middle: &str, close: &str, count: usize) -> String {
    open.repeat(count) + middle + &close.repeat(count)
}

/// What becomes of a pattern; errors about size must name all of it.
fn outcome(pattern: &str) -> Result<(), ErrorCode> {
    Regexp::new(pattern).map(drop).map_err(|error| {
        assert_eq!(error.fragment, pattern);
        error.code
    })
}

#[test]
fn trees_are_at_most_a_thousand_high() {
    assert_eq!(outcome(&around("(", "a", ")", 999)), Ok(()));
    assert_eq!(outcome(&around("(", "a", ")", 1000)), Err(ErrorCode::NestingDepth));
    // Two characters side by side are one literal, and two branches of one character a class …
    assert_eq!(outcome(&around("(", "ab", ")", 999)), Ok(()));
    assert_eq!(outcome(&around("(", "a|b", ")", 999)), Ok(()));
    // … but a repetition is one level, and what stands before it another.
    assert_eq!(outcome(&around("(", "a*", ")", 998)), Ok(()));
    assert_eq!(outcome(&around("(", "ab*", ")", 998)), Err(ErrorCode::NestingDepth));
    assert_eq!(outcome(&around("(a", "", ")", 499)), Ok(()));
    assert_eq!(outcome(&around("(?:", "a", ")*", 999)), Ok(()));
    assert_eq!(outcome(&around("(?:", "a", ")*", 1200)), Err(ErrorCode::NestingDepth));
}

#[test]
fn groups_that_leave_no_trace_nest_without_limit() {
    assert_eq!(outcome(&around("(?:", "a", ")", 3000)), Ok(()));
    assert_eq!(outcome(&"(".repeat(100_000)), Err(ErrorCode::MissingParen));
    assert_eq!(outcome(&")".repeat(100_000)), Err(ErrorCode::UnexpectedParen));
}

#[test]
fn deep_patterns_match() {
    let regexp = Regexp::new(&around("(", "a", ")", 999)).unwrap();
    assert_eq!(regexp.group_names().len(), 1000);
    let groups = regexp.find_submatch(b"xa").unwrap();
    assert!(groups.iter().all(|group| *group == Some(1..2)));
}

#[test]
fn repetitions_multiply_up_to_a_thousand() {
    assert_eq!(outcome("(?:a{10}){100}"), Ok(()));
    let error = Regexp::new("(?:a{10}){101}").unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRepeatSize);
    assert_eq!(error.fragment, "{101}");
}

#[test]
fn expressions_are_limited_in_size() {
    assert_eq!(outcome(&"x{1000}".repeat(300)), Ok(()));
    assert_eq!(outcome(&"x{1000}".repeat(3356)), Err(ErrorCode::Large));
    assert_eq!(outcome(&format!("(?:{}){{1000}}", "a".repeat(4000))), Err(ErrorCode::Large));
    assert_eq!(outcome(r"[^a]{1000}"), Ok(()));
    assert_eq!(outcome(&"ab|".repeat(3000)), Ok(()));
}

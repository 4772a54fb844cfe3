//! Laws that hold for every pattern and every text.

use proptest::prelude::*;
use renga_regexp::{Regexp, quote_meta};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn no_pattern_panics(pattern in r"[\\(){}\[\]|*+?^$.,:<>=!&~aéikmnpsxzABCELNPQUZ0-9 \-]{0,24}") {
        if let Err(error) = Regexp::new(&pattern) {
            // Errors quote the pattern, never a paraphrase.
            prop_assert!(pattern.contains(&error.fragment));
        }
    }

    #[test]
    fn a_quoted_text_matches_itself_alone(text in any::<String>()) {
        let regexp = Regexp::new(&quote_meta(&text)).unwrap();
        prop_assert_eq!(regexp.find(text.as_bytes()), Some(0..text.len()));
    }

    #[test]
    fn matches_ascend_and_replacing_by_themselves_changes_nothing(
        pattern in r"[ab.*?|()é^$]{0,8}",
        text in prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), any::<u8>()], 0..16),
    ) {
        let Ok(regexp) = Regexp::new(&pattern) else { return Ok(()) };
        let spans = regexp.find_all(&text, None);
        prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
        prop_assert_eq!(regexp.replace_all(&text, b"$0"), text);
    }
}

#[test]
fn quoting_escapes_what_go_escapes() {
    let quoted = quote_meta("\\.+*?()|[]{}^$ -#&~/_é\0\n");
    assert_eq!(quoted, "\\\\\\.\\+\\*\\?\\(\\)\\|\\[\\]\\{\\}\\^\\$ -#&~/_é\0\n");
}

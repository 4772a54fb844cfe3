//! Compares this crate with recorded answers of Go: one case a line on standard input, as
//! `go run ./regexp generate SEED COUNT` in `tests/oracle` writes them.
#![expect(clippy::print_stdout, reason = "this program is its output")]

#[path = "../tests/recorded/mod.rs"]
mod recorded;

use std::io::BufRead as _;

fn main() {
    let (mut patterns, mut refused, mut texts, mut different) = (0, 0, 0, 0);
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let case: recorded::Case = serde_json::from_str(&line).expect("a case");
        patterns += 1;
        refused += usize::from(case.error.is_some());
        let differences = case.compare(&mut texts);
        if !differences.is_empty() {
            different += 1;
            println!("{:?}", case.pattern);
            for difference in differences {
                println!("    {difference}");
            }
        }
    }
    println!(
        "{patterns} patterns ({refused} refused by Go), {texts} texts, {different} differences"
    );
}

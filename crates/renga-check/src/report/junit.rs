//! Findings as the test report that CI servers know from `JUnit`.
//!
//! An environment is a suite, a finding one of its cases: a failure if it makes the command fail,
//! otherwise a case that passed and says what was found. A suite without findings has one case that passed.

use std::fmt::Write as _;

use super::Report;
use crate::finding::Finding;
use crate::judge::Suppressed;

/// The suite of what belongs to no environment.
const WORKSPACE: &str = "workspace";

#[derive(Default)]
struct Suite<'r> {
    findings: Vec<&'r Finding>,
    suppressed: Vec<&'r Suppressed>,
}

impl Report<'_> {
    /// The whole report as XML.
    pub fn junit(&self) -> String {
        let names = self.environments.iter().map(|checked| checked.name.as_str());
        let mut suites: Vec<(&str, Suite<'_>)> =
            names.map(|name| (name, Suite::default())).collect();
        suites.push((WORKSPACE, Suite::default()));
        let places: rustc_hash::FxHashMap<&str, usize> =
            suites.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect();
        let last = suites.len() - 1;
        let place = |finding: &Finding| match finding.environment.as_str() {
            "" => last,
            name => places.get(name).copied().unwrap_or(last),
        };
        for finding in &self.verdict.findings {
            suites[place(finding)].1.findings.push(finding);
        }
        for suppressed in &self.verdict.suppressed {
            suites[place(&suppressed.finding)].1.suppressed.push(suppressed);
        }

        let mut body = String::new();
        let (mut tests, mut failures) = (0, 0);
        for (name, suite) in &suites {
            let empty = suite.findings.is_empty() && suite.suppressed.is_empty();
            if empty && *name == WORKSPACE {
                continue;
            }
            let count = (suite.findings.len() + suite.suppressed.len()).max(1);
            let failed = suite.findings.iter().filter(|finding| self.is_failure(finding)).count();
            tests += count;
            failures += failed;
            _ = writeln!(
                body,
                "  <testsuite name=\"{}\" tests=\"{count}\" failures=\"{failed}\" errors=\"0\" skipped=\"{}\">",
                escape(name),
                suite.suppressed.len()
            );
            for finding in &suite.findings {
                self.case(finding, &mut body);
            }
            for Suppressed { finding, reason } in &suite.suppressed {
                begin(finding, &mut body);
                _ = writeln!(
                    body,
                    "      <skipped message=\"{}\"/>\n    </testcase>",
                    escape(reason)
                );
            }
            if empty {
                _ = writeln!(
                    body,
                    "    <testcase classname=\"renga check\" name=\"{}\"/>",
                    escape(name)
                );
            }
            body.push_str("  </testsuite>\n");
        }
        for broken in self.broken {
            let name = escape(&broken.environment);
            _ = write!(
                body,
                "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n    \
                 <testcase classname=\"renga check\" name=\"{name}\">\n      \
                 <error message=\"cannot be rendered\">{}</error>\n    </testcase>\n  </testsuite>\n",
                escape(&broken.message)
            );
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"renga check\" tests=\"{}\" \
             failures=\"{failures}\" errors=\"{}\">\n{body}</testsuites>\n",
            tests + self.broken.len(),
            self.broken.len()
        )
    }

    fn case(&self, finding: &Finding, body: &mut String) {
        begin(finding, body);
        let mut text = finding.message.clone();
        if let Some(help) = &finding.help {
            _ = write!(text, "\nhelp: {help}");
        }
        let text = escape(&text);
        _ = if self.is_failure(finding) {
            let message = escape(&finding.message);
            let kind = finding.severity;
            writeln!(
                body,
                "      <failure type=\"{kind}\" message=\"{message}\">{text}</failure>\n    </testcase>"
            )
        } else {
            writeln!(
                body,
                "      <system-out>{}: {text}</system-out>\n    </testcase>",
                finding.severity
            )
        };
    }
}

fn begin(finding: &Finding, body: &mut String) {
    _ = writeln!(
        body,
        "    <testcase classname=\"{}\" name=\"{}\">",
        escape(finding.rule.as_str()),
        escape(&finding.whereabouts())
    );
}

/// A text in XML 1.0, in which some characters cannot be written at all.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

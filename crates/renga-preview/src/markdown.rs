//! The report as comments on GitHub and GitLab.
//!
//! A comment has at most [`LARGEST_PART`] bytes; a longer report becomes several, the most important
//! first, with at most [`MOST_PARTS`] of them: changes beyond are named without their lines, and
//! beyond what even that takes, counted. A block is never torn apart, so every fence and every
//! `<details>` is closed in the part it was opened in. A hidden marker tells parts of one report from
//! other comments.

use std::fmt::Write as _;

use crate::body::{
    Mark, Row, body, counted, enumerate, footer, headline, place, rows, subject, totals, verb,
};
use crate::report::{Group, Of, Report, Status};

/// The size of a comment in bytes: below the 65,536 characters that GitHub takes.
pub const LARGEST_PART: usize = 60_000;

/// How many comments a report may become.
pub const MOST_PARTS: usize = 8;

/// What a marker and a heading take at most.
const FRAME: usize = 1_000;

/// The size of one change in bytes.
const LARGEST_BLOCK: usize = 12_000;

/// The size of the summary in bytes.
const LARGEST_SUMMARY: usize = 30_000;

/// Lines of one change; more are counted.
const MOST_LINES: usize = 250;

/// How the comments look.
#[derive(Clone, Debug)]
pub struct MarkdownOptions {
    /// What the hidden marker says: reports of different projects need different words.
    pub marker: String,
    /// Whether it says of every environment why it was rendered, or was not.
    pub explain: bool,
}

impl Report {
    /// The report as one or more comments.
    pub fn to_markdown(&self, options: &MarkdownOptions) -> Vec<String> {
        let mut blocks = vec![self.summary()];
        for row in rows(self).iter().filter(|row| row.first().status == Status::Failed) {
            blocks.push(failures(row));
        }
        let room = (LARGEST_PART - FRAME) * MOST_PARTS;
        // Parts are never filled to the last byte: a block that does not fit begins the next one.
        let room = room - LARGEST_BLOCK * MOST_PARTS;
        let mut used: usize = blocks.iter().map(String::len).sum();
        let mut rest = Vec::new();
        for group in &self.groups {
            let block = change(group);
            if rest.is_empty() && used + block.len() <= room {
                used += block.len();
                blocks.push(block);
            } else {
                rest.push(group);
            }
        }
        if !rest.is_empty() {
            blocks.push(names_only(&rest));
        }
        if options.explain {
            blocks.push(self.selection());
        }
        let footer = footer(self);
        if !footer.is_empty() {
            blocks.push(cut(&format!("<sub>{}</sub>\n", escape(&footer.join(" · "))), FRAME * 4));
        }
        frame(blocks, &options.marker)
    }

    fn summary(&self) -> String {
        let mut out = format!("{}\n\n{}\n", escape(&headline(self)), escape(&totals(self)));
        let rows = rows(self);
        if rows.is_empty() {
            return out + "\nNo changes of manifests.\n";
        }
        out += "\n| environment | | added | changed | removed | renamed | images |\n";
        out += "|---|---|--:|--:|--:|--:|---|\n";
        let mut left = 0;
        for row in &rows {
            let names: Vec<String> =
                row.environments.iter().map(|found| code(&found.name)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let counts = row.first().objects;
            let images: Vec<String> = row.images().iter().map(|image| code(image)).collect();
            let images: Vec<&str> = images.iter().map(String::as_str).collect();
            let failed = row.first().status == Status::Failed;
            let cell = |count: usize| if failed { "?".to_owned() } else { count.to_string() };
            let line = format!(
                "| {} | {} | {} | {} | {} | {} | {} |\n",
                enumerate(&names, 3),
                row.status().replace('|', "\\|"),
                cell(counts.added),
                cell(counts.changed),
                cell(counts.removed),
                cell(counts.renamed),
                enumerate(&images, 3),
            );
            if out.len() + line.len() > LARGEST_SUMMARY {
                left += row.environments.len();
            } else {
                out += &line;
            }
        }
        if left > 0 {
            let _ = writeln!(out, "\n… and {}", counted(left, "more environment"));
        }
        out
    }

    fn selection(&self) -> String {
        let mut out =
            String::from("<details><summary>Why environments were rendered</summary>\n\n");
        let mut left = 0;
        for found in &self.environments {
            let what = if found.rendered { "rendered" } else { "skipped" };
            let line = format!("- {}: {what}: {}\n", code(&found.name), escape(&found.reason));
            if out.len() + line.len() > LARGEST_SUMMARY {
                left += 1;
            } else {
                out += &line;
            }
        }
        if left > 0 {
            let _ = writeln!(out, "- … and {left} more");
        }
        out + "\n</details>\n"
    }
}

/// Why environments do not render.
fn failures(row: &Row<'_>) -> String {
    let names: Vec<&str> = row.environments.iter().map(|found| found.name.as_str()).collect();
    let mut text = String::new();
    for failure in &row.first().failures {
        let side = match failure.side {
            Of::Base => "base",
            Of::Head => "head",
        };
        let _ = writeln!(text, "{side}: {}", failure.message);
    }
    let fence = fence(&text);
    format!(
        "### {} cannot be compared\n\n{fence}text\n{}{fence}\n",
        escape(&enumerate(&names, 10)),
        cut(&text, LARGEST_BLOCK / 2),
    )
}

fn change(group: &Group) -> String {
    let mut text = String::new();
    let (lines, mut more) = body(&group.change, MOST_LINES);
    for line in lines {
        if text.len() + line.text.len() > LARGEST_BLOCK - 4_000 {
            more += 1;
            continue;
        }
        let end = if line.mark == Mark::Path { " @@" } else { "" };
        let _ = writeln!(text, "{}{}{end}", line.mark.sign(), line.text);
    }
    if more > 0 {
        let _ = writeln!(text, "  … {}", counted(more, "more line"));
    }
    let fence = fence(&text);
    let title = format!("{} {} {}", subject(group), verb(&group.change), place(group));
    let environments = group.environments();
    let listed = if environments.len() == 1 {
        String::new()
    } else {
        let names: Vec<String> = environments.iter().map(|name| code(name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        cut(&format!("{}\n\n", enumerate(&names, 60)), 3_000)
    };
    let title = escape(&cut(&title, 500));
    format!(
        "<details><summary>{title}</summary>\n\n{listed}{fence}diff\n{text}{fence}\n\n</details>\n"
    )
}

/// Changes without their lines.
fn names_only(groups: &[&Group]) -> String {
    let mut out = String::from("### More changes, without their lines\n\n");
    let mut left = 0;
    for group in groups {
        let title = format!("{} {} {}", subject(group), verb(&group.change), place(group));
        let line = format!("- {}\n", escape(&cut(&title, 300)));
        if out.len() + line.len() > LARGEST_BLOCK {
            left += 1;
        } else {
            out += &line;
        }
    }
    if left > 0 {
        let _ = writeln!(out, "- … and {}", counted(left, "more change"));
    }
    out
}

/// Puts blocks into parts, in their order.
fn frame(blocks: Vec<String>, marker: &str) -> Vec<String> {
    let mut bodies: Vec<String> = vec![String::new()];
    for block in blocks {
        let last = bodies.len() - 1;
        if !bodies[last].is_empty() && bodies[last].len() + block.len() + 1 > LARGEST_PART - FRAME {
            bodies.push(String::new());
        } else if !bodies[last].is_empty() {
            bodies[last].push('\n');
        }
        let last = bodies.len() - 1;
        bodies[last].push_str(&block);
    }
    let all = bodies.len();
    // `--` would end the comment that hides the marker.
    let marker: String = cut(marker, 200)
        .chars()
        .map(|c| if c.is_alphanumeric() || "/._: ".contains(c) { c } else { '_' })
        .collect();
    bodies
        .into_iter()
        .enumerate()
        .map(|(index, body)| {
            let part = index + 1;
            let number = if all > 1 { format!(" ({part}/{all})") } else { String::new() };
            format!(
                "<!-- renga-preview {marker} {part}/{all} -->\n## Changes of manifests{number}\n\n{body}"
            )
        })
        .collect()
}

/// A fence that nothing in the text closes.
fn fence(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest.max(2) + 1)
}

/// The text, no longer than `most` bytes, with a newline at its end if it had one or was cut.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let newline = if text.ends_with('\n') { "\n" } else { "" };
    format!("{}…{newline}", &text[..end])
}

/// A word that is to be read as it is.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|").replace('\n', " "))
}

/// Text that means nothing else in Markdown or HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // `@name` would tell people, `#1` would link.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '*' | '_' | '`' | '[' | ']' | '~' | '|' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_body_closes_no_fence() {
        assert_eq!(fence("a ``` b"), "````");
        assert_eq!(fence("plain"), "```");
    }

    #[test]
    fn names_stay_names() {
        assert_eq!(escape("@all <b> #1 a_b"), "&#64;all &lt;b&gt; &#35;1 a\\_b");
        assert_eq!(code("a|b`c"), "`a\\|b'c`");
        assert_eq!(cut("äöü\n", 3), "ä…\n");
    }
}

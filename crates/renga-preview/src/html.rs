//! The report as one page without anything from elsewhere: no network, light and dark, to be folded
//! and filtered.

use std::fmt::Write as _;

use crate::body::{Mark, body, counted, footer, headline, place, rows, subject, totals, verb};
use crate::report::{Of, Report, Status};

/// Lines of one change; more are counted.
const MOST_LINES: usize = 2_000;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

impl Report {
    /// The report as a page.
    pub fn to_html(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
             <title>Changes of manifests</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <header><h1>Changes of manifests</h1>\n<p>{}</p>\n<p>{}</p>\n</header>\n",
            escape(&headline(self)),
            escape(&totals(self))
        );
        self.table(&mut out);
        self.failures(&mut out);
        if !self.groups.is_empty() {
            out += "<section aria-label=\"Changes\">\n<h2>Changes</h2>\n<p class=\"tools\">\
                <input id=\"filter\" type=\"search\" placeholder=\"Filter by object, environment or text\" aria-label=\"Filter\">\
                <button id=\"open\" type=\"button\">Open all</button>\
                <button id=\"close\" type=\"button\">Close all</button>\
                <span id=\"count\" role=\"status\"></span></p>\n";
        }
        for (index, group) in self.groups.iter().enumerate() {
            let title = format!("{} {} {}", subject(group), verb(&group.change), place(group));
            let open = if index < 20 { " open" } else { "" };
            let _ = write!(
                out,
                "<details class=\"change {}\"{open}>\n<summary>{}</summary>\n",
                verb(&group.change),
                escape(&title)
            );
            let environments = group.environments();
            if environments.len() > 1 {
                let _ = writeln!(
                    out,
                    "<p class=\"environments\">{}</p>",
                    escape(&environments.join(", "))
                );
            }
            let names = group.names();
            if names.len() > 4 {
                let _ =
                    writeln!(out, "<p class=\"environments\">{}</p>", escape(&names.join(", ")));
            }
            let (lines, more) = body(&group.change, MOST_LINES);
            out += "<pre>";
            for line in lines {
                let (class, sign) = match line.mark {
                    Mark::Path => ("path", ""),
                    Mark::Removed => ("old", "- "),
                    Mark::Added => ("new", "+ "),
                    Mark::Context => ("same", "  "),
                };
                let _ =
                    writeln!(out, "<span class=\"{class}\">{sign}{}</span>", escape(&line.text));
            }
            if more > 0 {
                let _ =
                    writeln!(out, "<span class=\"same\">… {}</span>", counted(more, "more line"));
            }
            out += "</pre>\n</details>\n";
        }
        if !self.groups.is_empty() {
            out += "</section>\n";
        }
        self.reasons(&mut out);
        let footer = footer(self);
        if !footer.is_empty() {
            let lines: Vec<String> = footer.iter().map(|line| escape(line)).collect();
            let _ = writeln!(out, "<footer><p>{}</p></footer>", lines.join("<br>"));
        }
        let _ = write!(out, "<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
        out
    }

    fn table(&self, out: &mut String) {
        let rows = rows(self);
        if rows.is_empty() {
            *out += "<p>No changes of manifests.</p>\n";
            return;
        }
        *out += "<section aria-label=\"Environments\">\n<h2>Environments</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>environment</th><th></th>\
            <th>added</th><th>changed</th><th>removed</th><th>renamed</th><th>images</th></tr></thead>\n<tbody>\n";
        for row in rows {
            let names: Vec<String> =
                row.environments.iter().map(|found| escape(&found.name)).collect();
            let shown = match names.as_slice() {
                [only] => only.clone(),
                several => format!(
                    "<details><summary>{}</summary>{}</details>",
                    counted(several.len(), "environment"),
                    several.join("<br>")
                ),
            };
            let counts = row.first().objects;
            let failed = row.first().status == Status::Failed;
            let cell = |count: usize| if failed { "?".to_owned() } else { count.to_string() };
            let images: Vec<String> = row.images().iter().map(|image| escape(image)).collect();
            let _ = writeln!(
                out,
                "<tr class=\"{}\"><td>{shown}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                if failed { "failed" } else { "sound" },
                escape(&row.status().replace("**", "")),
                cell(counts.added),
                cell(counts.changed),
                cell(counts.removed),
                cell(counts.renamed),
                images.join("<br>")
            );
        }
        *out += "</tbody>\n</table></div>\n</section>\n";
    }

    fn failures(&self, out: &mut String) {
        for row in rows(self).iter().filter(|row| row.first().status == Status::Failed) {
            let names: Vec<&str> =
                row.environments.iter().map(|found| found.name.as_str()).collect();
            let _ = writeln!(out, "<h2>{} cannot be compared</h2>", escape(&names.join(", ")));
            for failure in &row.first().failures {
                let side = match failure.side {
                    Of::Base => "base",
                    Of::Head => "head",
                };
                let _ = writeln!(
                    out,
                    "<pre class=\"failure\">{side}: {}</pre>",
                    escape(&failure.message)
                );
            }
        }
    }

    fn reasons(&self, out: &mut String) {
        *out += "<details class=\"selection\"><summary>Why environments were rendered</summary>\n<ul>\n";
        for found in &self.environments {
            let what = if found.rendered { "rendered" } else { "skipped" };
            let _ = writeln!(
                out,
                "<li>{}: {what}: {}</li>",
                escape(&found.name),
                escape(&found.reason)
            );
        }
        *out += "</ul></details>\n";
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

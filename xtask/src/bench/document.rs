//! The figures in words: tables for the terminal and for `BENCHMARKS.md`.
//!
//! A run of some workloads replaces their sections of that file and leaves the others as they are,
//! each with the date, the commit and the load it was measured at.

use std::{fmt::Write as _, time::Duration};

use super::{
    BenchArgs, Outcome,
    machine::Machine,
    measure::Figures,
    targets::{Bound, Run, TARGETS},
    workload::{Program, WORKLOADS},
};

/// Everything that goes into `BENCHMARKS.md`.
pub(super) struct Document<'a> {
    args: &'a BenchArgs,
    machine: Machine,
    versions: Vec<(Program, String)>,
    outcomes: Vec<Outcome>,
}

impl<'a> Document<'a> {
    pub(super) fn new(
        args: &'a BenchArgs,
        machine: Machine,
        versions: Vec<(Program, String)>,
    ) -> Self {
        Self { args, machine, versions, outcomes: Vec::new() }
    }

    pub(super) fn add(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// The section of one workload.
    pub(super) fn section(&self, outcome: &Outcome) -> String {
        let workload = outcome.workload;
        let size = workload.place.size(self.args);
        let mut rows = vec![
            ["program", "runs", "wall", "CPU", "memory", "wall ×", "CPU ×", "memory ×"]
                .map(str::to_owned)
                .to_vec(),
        ];
        let own = outcome.figures(Program::Renga);
        for (program, figures) in &outcome.rows {
            let mut row = vec![
                program.name().to_owned(),
                figures.runs.to_string(),
                time(figures.wall),
                time(figures.cpu),
                memory(figures.memory),
            ];
            if let Some(own) = own.filter(|_| *program != Program::Renga) {
                row.push(ratio(figures.wall.as_secs_f64(), own.wall.as_secs_f64()));
                row.push(ratio(figures.cpu.as_secs_f64(), own.cpu.as_secs_f64()));
                row.push(ratio(f64::from(figures.memory), f64::from(own.memory)));
            } else {
                row.extend(["1", "1", "1"].map(str::to_owned));
            }
            rows.push(row);
        }
        let mut text =
            format!("### {}\n\n{}{size}.\n\n{}\n", workload.name, workload.about, table(&rows));
        for program in &outcome.agreed {
            let _ = write!(text, "renga and {} wrote the same bytes. ", program.name());
        }
        for program in &outcome.disagreed {
            let _ = write!(text, "renga and {} wrote **different** bytes. ", program.name());
        }
        let moment = &outcome.moment;
        let _ = writeln!(
            text,
            "{}, commit {}, files on {}; load before it {}.",
            moment.date, moment.commit, moment.disk, moment.load
        );
        text
    }

    /// The bounds renga is to keep, with what it keeps; those that were not measured as they stand in
    /// an earlier document.
    pub(super) fn targets(&self, earlier: &str) -> String {
        let mut rows = vec![["target", "bound", "measured", "kept"].map(str::to_owned).to_vec()];
        for target in &TARGETS {
            let (measured, kept) = match self.reached(target.bound) {
                Some((measured, kept)) => (measured, if kept { "yes" } else { "no" }.to_owned()),
                None => earlier_target(earlier, target.what)
                    .unwrap_or_else(|| ("not measured".to_owned(), "–".to_owned())),
            };
            rows.push(vec![target.what.to_owned(), target.words.to_owned(), measured, kept]);
        }
        format!("## Targets\n\n{}", table(&rows))
    }

    fn figures(&self, (workload, program): Run) -> Option<&Figures> {
        self.outcomes.iter().find(|outcome| outcome.workload.name == workload)?.figures(program)
    }

    /// What a bound is about, and whether it is kept.
    fn reached(&self, bound: Bound) -> Option<(String, bool)> {
        let wall = |run| Some(self.figures(run)?.wall.as_secs_f64());
        let memory = |run| Some(f64::from(self.figures(run)?.memory));
        let times = |value: f64, least: f64| Some((format!("{value:.1} times"), value >= least));
        match bound {
            Bound::Wall { theirs, own, least } => times(wall(theirs)? / wall(own)?, least),
            Bound::Memory { theirs, own, least } => times(memory(theirs)? / memory(own)?, least),
            Bound::MemoryUnder { workload, most } => {
                let kib = memory((workload, Program::Renga))?;
                Some((format!("{:.1} MiB", kib / 1024.0), kib / 1024.0 < most))
            }
            Bound::Under { workload, most } => {
                let seconds = wall((workload, Program::Renga))?;
                Some((milliseconds(seconds), seconds < most))
            }
            Bound::Cost { workload, without, most } => {
                let seconds = wall((workload, Program::Renga))? - wall((without, Program::Renga))?;
                Some((milliseconds(seconds), seconds < most))
            }
        }
    }

    /// The whole file; what was not measured stays as it is in an earlier one.
    pub(super) fn render(&self, earlier: &str) -> String {
        let Machine { processor, cores, memory, system } = &self.machine;
        let mut text = format!(
            "# Benchmarks

Figures of `cargo xtask bench`, which rewrites this file with `--update` (with `--only`: a part of it). Whole processes, run in turn, medians of
several runs, each figure for itself (a program that takes minutes is run once).
*CPU* is user and system time together, *memory* the most that was resident at a time. *×* says how many times as much the other
program needs. *Load* is the average number of running processes over the minute before the first run, which tells who else was at work.

The workspaces come from `cargo xtask fleet` with its defaults: {envs} static environments in one, {inline} inline
environments in one file in the other; each environment imports eight libraries of 256 constructors and a catalogue of 2048
records and yields 92 manifests. Charts and repositories are generated by `xtask/src/bench`; they are served by a process of its own on the loopback interface.

- Machine: {processor}, {cores} cores, {memory}; {system}
",
            envs = self.args.envs,
            inline = self.args.inline,
        );
        for program in Program::ALL {
            let name = program.name();
            let version = self.versions.iter().find(|version| version.0 == program);
            let version = version.map(|version| version.1.clone()).or_else(|| {
                let start = format!("- {name}: ");
                earlier.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
            });
            if let Some(version) = version {
                let _ = writeln!(text, "- {name}: {version}");
            }
        }
        let _ = write!(text, "\n{}\n## Workloads\n", self.targets(earlier));
        for workload in &WORKLOADS {
            let outcome =
                self.outcomes.iter().find(|outcome| outcome.workload.name == workload.name);
            let section = match outcome {
                Some(outcome) => Some(self.section(outcome)),
                None => earlier_section(earlier, workload.name),
            };
            if let Some(section) = section {
                let _ = write!(text, "\n{section}");
            }
        }
        text
    }
}

/// The section of a workload in an earlier document.
fn earlier_section(earlier: &str, name: &str) -> Option<String> {
    let start = earlier.find(&format!("\n### {name}\n"))? + 1;
    let section = &earlier[start..];
    let end = section.find("\n### ").unwrap_or(section.len());
    Some(format!("{}\n", section[..end].trim_end()))
}

/// What an earlier document says was measured for a target, and whether it was kept.
fn earlier_target(earlier: &str, what: &str) -> Option<(String, String)> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let row = earlier.lines().map(cells).find(|cells| cells.len() == 6 && cells[1] == what)?;
    Some((row[3].clone(), row[4].clone()))
}

/// A table whose columns line up.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
        if number == 0 {
            for width in &widths {
                let _ = write!(text, "|{:-<1$}", "", width + 2);
            }
            text.push_str("|\n");
        }
    }
    text
}

fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1.0 { milliseconds(seconds) } else { format!("{seconds:.2} s") }
}

/// Of a difference, too, which may be negative.
fn milliseconds(seconds: f64) -> String {
    format!("{:.1} ms", seconds * 1e3)
}

fn memory(kib: u32) -> String {
    format!("{:.1} MiB", f64::from(kib) / 1024.0)
}

fn ratio(theirs: f64, own: f64) -> String {
    if own > 0.0 { format!("{:.1}", theirs / own) } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{earlier_section, earlier_target, memory, ratio, table, time};
    use std::time::Duration;

    #[test]
    fn figures_carry_their_unit_and_columns_line_up() {
        let rows = [["a", "wall ×"], ["renga", "1"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "| a     | wall × |\n|-------|--------|\n| renga | 1      |\n");
        assert_eq!(time(Duration::from_micros(2345)), "2.3 ms");
        assert_eq!(time(Duration::from_millis(61_250)), "61.25 s");
        assert_eq!(memory(1536), "1.5 MiB");
        assert_eq!((ratio(3.0, 2.0), ratio(3.0, 0.0)), ("1.5".to_owned(), "–".to_owned()));
    }

    #[test]
    fn what_was_not_measured_again_stays() {
        let earlier = "## Targets\n\n| target | bound | measured | kept |\n|--|--|--|--|\n\
                       | one    | small | 2 ms     | yes  |\n\n## Workloads\n\n### one\n\nText.\n\n\
                       ### one-more\n\nLast.\n";
        assert_eq!(earlier_target(earlier, "one"), Some(("2 ms".to_owned(), "yes".to_owned())));
        assert_eq!(earlier_target(earlier, "two"), None);
        assert_eq!(earlier_section(earlier, "one").as_deref(), Some("### one\n\nText.\n"));
        assert_eq!(
            earlier_section(earlier, "one-more").as_deref(),
            Some("### one-more\n\nLast.\n")
        );
        assert_eq!(earlier_section(earlier, "more"), None);
    }
}

//! The figures in words: tables for the terminal and for `BENCHMARKS.md`.

use std::{fmt::Write as _, time::Duration};

use super::{
    BenchArgs, Outcome,
    machine::Machine,
    workload::{Place, Program},
};

/// Everything that goes into `BENCHMARKS.md`.
pub(super) struct Document {
    envs: u32,
    inline: u32,
    runs: u32,
    machine: Machine,
    versions: Vec<(Program, String)>,
    outcomes: Vec<Outcome>,
}

/// A figure of renga and the bound it is to keep.
struct Target {
    what: &'static str,
    bound: &'static str,
    /// The figure and whether it keeps the bound; `None` if it was not measured.
    reached: Option<(String, bool)>,
}

impl Document {
    pub(super) fn new(
        args: &BenchArgs,
        machine: Machine,
        versions: Vec<(Program, String)>,
    ) -> Self {
        let BenchArgs { envs, inline, runs, .. } = *args;
        Self { envs, inline, runs, machine, versions, outcomes: Vec::new() }
    }

    pub(super) fn add(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// The section of one workload.
    pub(super) fn table(&self, outcome: &Outcome) -> String {
        let workload = outcome.workload;
        let size = match workload.place {
            Place::Empty => String::new(),
            Place::Static => format!(" ({} environments)", self.envs),
            Place::Inline => format!(" ({} environments)", self.inline),
        };
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
            format!("### {}\n\n{}{size}.\n\n{}", workload.name, workload.about, table(&rows));
        match outcome.agreement {
            Some(true) => text.push_str("\nrenga and tk wrote the same bytes.\n"),
            Some(false) => text.push_str("\nrenga and tk wrote **different** bytes.\n"),
            None => {}
        }
        text
    }

    /// The bounds renga is to keep, with what it keeps.
    pub(super) fn targets(&self) -> String {
        let mut rows = vec![["target", "bound", "measured", "kept"].map(str::to_owned).to_vec()];
        for target in self.bounds() {
            let (measured, kept) = match target.reached {
                Some((measured, true)) => (measured, "yes"),
                Some((measured, false)) => (measured, "no"),
                None => ("not measured".to_owned(), "–"),
            };
            rows.push([target.what, target.bound, &measured, kept].map(str::to_owned).to_vec());
        }
        format!("## Targets\n\n{}", table(&rows))
    }

    fn wall(&self, workload: &str, program: Program) -> Option<f64> {
        let outcome = self.outcomes.iter().find(|outcome| outcome.workload.name == workload)?;
        Some(outcome.figures(program)?.wall.as_secs_f64())
    }

    fn memory(&self, workload: &str, program: Program) -> Option<f64> {
        let outcome = self.outcomes.iter().find(|outcome| outcome.workload.name == workload)?;
        Some(f64::from(outcome.figures(program)?.memory))
    }

    fn bounds(&self) -> [Target; 4] {
        let at_least = |bound: f64, theirs: Option<f64>, own: Option<f64>| {
            let value = theirs? / own?;
            Some((format!("{value:.1} times"), value >= bound))
        };
        [
            Target {
                what: "export against tk",
                bound: "at least 20 times as fast",
                reached: at_least(
                    20.0,
                    self.wall("export", Program::Tk),
                    self.wall("export", Program::Renga),
                ),
            },
            Target {
                what: "second export against the first",
                bound: "at least 2 times as fast",
                reached: at_least(
                    2.0,
                    self.wall("export", Program::Renga),
                    self.wall("export-again", Program::Renga),
                ),
            },
            Target {
                what: "`--version`",
                bound: "under 10 ms",
                reached: self
                    .wall("version", Program::Renga)
                    .map(|wall| (time(Duration::from_secs_f64(wall)), wall < 0.010)),
            },
            Target {
                what: "peak memory of the export against tk",
                bound: "at least 4 times less",
                reached: at_least(
                    4.0,
                    self.memory("export", Program::Tk),
                    self.memory("export", Program::Renga),
                ),
            },
        ]
    }

    /// The whole file.
    pub(super) fn render(&self) -> String {
        let Machine { processor, cores, memory, system, load, date, commit } = &self.machine;
        let mut text = format!(
            "# Benchmarks

Figures of `cargo xtask bench`, which rewrites this file with `--update`. Whole processes, run in turn, medians of {runs} runs, each figure for itself
(a program that takes minutes is run once).
*CPU* is user and system time together, *memory* the most that was resident at a time. *×* says how many times as much the other
program needs. The workspaces come from `cargo xtask fleet` with its defaults: {envs} static environments in one, {inline} inline
environments in one file in the other; each environment imports eight libraries of 256 constructors and a catalogue of 2048
records and yields 92 manifests.

- Date: {date}, commit {commit}
- Machine: {processor}, {cores} cores, {memory}; {system}
- Load of the machine before the first run: {load}
",
            runs = self.runs,
            envs = self.envs,
            inline = self.inline,
        );
        for (program, version) in &self.versions {
            let _ = writeln!(text, "- {}: {version}", program.name());
        }
        let _ = write!(text, "\n{}\n## Workloads\n", self.targets());
        for outcome in &self.outcomes {
            let _ = write!(text, "\n{}", self.table(outcome));
        }
        text
    }
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
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

fn memory(kib: u32) -> String {
    format!("{:.1} MiB", f64::from(kib) / 1024.0)
}

fn ratio(theirs: f64, own: f64) -> String {
    if own > 0.0 { format!("{:.1}", theirs / own) } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{memory, ratio, table, time};
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
}

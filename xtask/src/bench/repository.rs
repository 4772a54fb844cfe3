//! The chart repositories of the benchmark: charts to vendor, and an index of 20 MB. Always the same
//! bytes.
//!
//! Only their size matters and that they compress about as well as real charts do: nothing in here
//! is rendered.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::Path,
};

use super::charts::File;

/// Charts that are vendored.
pub(super) const CHARTS: usize = 30;

/// Charts in the large index, and versions of each: some 20 MB.
const LISTED: usize = 280;
const VERSIONS: usize = 45;

/// Templates of a chart.
const TEMPLATES: usize = 14;

const WORDS: [&str; 32] = [
    "account",
    "annotation",
    "backup",
    "bucket",
    "cache",
    "certificate",
    "cluster",
    "container",
    "controller",
    "default",
    "endpoint",
    "exporter",
    "gateway",
    "instance",
    "interval",
    "label",
    "limit",
    "metric",
    "namespace",
    "operator",
    "policy",
    "port",
    "probe",
    "queue",
    "replica",
    "resource",
    "secret",
    "selector",
    "service",
    "storage",
    "timeout",
    "volume",
];

/// Numbers that look random and are always the same.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn word(&mut self) -> &'static str {
        WORDS[(self.next() >> 40) as usize % WORDS.len()]
    }

    fn sentence(&mut self, words: usize) -> String {
        let words: Vec<_> = (0..words).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn hex(&mut self, digits: usize) -> String {
        let mut text = String::new();
        while text.len() < digits {
            let _ = write!(text, "{:016x}", self.next());
        }
        text.truncate(digits);
        text
    }
}

/// The name of the `index`-th chart.
pub(super) fn name(index: usize) -> String {
    format!("service-{index:02}")
}

/// The version of the `index`-th chart.
pub(super) fn version(index: usize) -> String {
    format!("1.{index}.2")
}

/// The `index`-th chart: some 20 files of 60 KB in all.
pub(super) fn chart(index: usize) -> Vec<File> {
    let (name, version) = (name(index), version(index));
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ (index as u64 + 1));
    let mut files = vec![
        (
            "Chart.yaml".to_owned(),
            format!(
                "apiVersion: v2\nname: {name}\ndescription: The {} of {}\ntype: application\n\
                 version: {version}\nappVersion: \"{}\"\nhome: https://{name}.example.com\n\
                 maintainers:\n  - name: {}\n    email: team@example.com\n",
                numbers.word(),
                numbers.sentence(6),
                index + 3,
                numbers.word(),
            ),
        ),
        ("values.yaml".to_owned(), values(&mut numbers, 90)),
        ("README.md".to_owned(), readme(&name, &mut numbers)),
        (".helmignore".to_owned(), "*.bak\n.git/\n".to_owned()),
        (
            "templates/_helpers.tpl".to_owned(),
            format!("{{{{- define \"{name}.name\" -}}}}{name}{{{{- end -}}}}\n"),
        ),
    ];
    for number in 0..TEMPLATES {
        let kind = numbers.word();
        let settings = values(&mut numbers, 82);
        let settings =
            settings.lines().fold(String::new(), |text, line| text + "    " + line + "\n");
        files.push((
            format!("templates/{kind}-{number}.yaml"),
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  \
                 name: {{{{ include \"{name}.name\" . }}}}-{number}\n\
                 data:\n  settings.yaml: |\n{settings}"
            ),
        ));
    }
    files.push(("files/board.json".to_owned(), board(&mut numbers)));
    files
}

fn values(numbers: &mut Numbers, entries: usize) -> String {
    (0..entries).fold(String::new(), |mut text, number| {
        let (group, key) = (numbers.word(), numbers.word());
        if number % 6 == 0 {
            let _ = write!(text, "# {}.\n{group}{number}:\n", numbers.sentence(5));
        }
        let value = numbers.next() >> 48;
        let _ = match number % 3 {
            0 => writeln!(text, "  {key}{number}: {value}"),
            1 => writeln!(text, "  {key}{number}: {} {value}", numbers.word()),
            _ => writeln!(text, "  {key}{number}: [{}, {}]", numbers.word(), numbers.word()),
        };
        text
    })
}

fn readme(name: &str, numbers: &mut Numbers) -> String {
    let mut text = format!("# {name}\n\n");
    for _ in 0..30 {
        let _ = writeln!(text, "| `{}` | {} |", numbers.word(), numbers.sentence(12));
    }
    text
}

fn board(numbers: &mut Numbers) -> String {
    let panels: Vec<_> = (0..60)
        .map(|id| format!("  {{\"id\": {id}, \"title\": \"{}\"}}", numbers.sentence(4)))
        .collect();
    format!("{{\"panels\": [\n{}\n]}}\n", panels.join(",\n"))
}

/// Writes an index of 20 MB, in which the first chart is one of several hundred.
///
/// # Errors
///
/// When it cannot be written.
pub(super) fn write_index(file: &Path) -> io::Result<()> {
    let mut out = io::BufWriter::new(fs_err::File::create(file)?);
    let mut numbers = Numbers(0x0dd0_5eed);
    out.write_all(b"apiVersion: v1\nentries:\n")?;
    for chart in 0..LISTED {
        // In the order of their names, the one that is wanted somewhere in the middle.
        let own = chart == LISTED * 2 / 3;
        let listed = if own { name(0) } else { format!("{}-{chart:03}", prefix(chart)) };
        writeln!(out, "  {listed}:")?;
        if own {
            let (name, version) = (name(0), version(0));
            write!(
                out,
                "  - apiVersion: v2\n    appVersion: \"3\"\n    created: \"2026-01-02T03:04:05Z\"\n    \
                 description: Wanted\n    name: {name}\n    urls:\n    - {name}-{version}.tgz\n    \
                 version: {version}\n"
            )?;
            continue;
        }
        let description = numbers.sentence(14);
        for number in 0..VERSIONS {
            out.write_all(entry(&listed, &description, number, &mut numbers).as_bytes())?;
        }
    }
    out.write_all(b"generated: \"2026-01-02T03:04:05.678901234Z\"\n")?;
    out.flush()
}

/// Names before and after the one that is wanted.
fn prefix(chart: usize) -> &'static str {
    if chart < LISTED * 2 / 3 { "chart" } else { "tool" }
}

/// A version in the index, as `helm repo index` writes it.
fn entry(name: &str, description: &str, number: usize, numbers: &mut Numbers) -> String {
    let (major, minor) = ((VERSIONS - number) / 10, VERSIONS - number);
    let version = format!("{major}.{minor}.{}", numbers.next() >> 60);
    let images = (0..6).fold(String::new(), |mut text, _| {
        let image = numbers.word();
        let _ = writeln!(text, "        - name: {image}");
        let _ = writeln!(text, "          image: registry.example.com/{name}/{image}:{version}");
        text
    });
    let (app, digest) = (numbers.next() >> 58, numbers.hex(64));
    let (keyword, second, team) = (numbers.word(), numbers.word(), numbers.word());
    format!(
        "  - annotations:
      category: {keyword}
      images: |
{images}      licenses: Apache-2.0
    apiVersion: v2
    appVersion: {app}.{minor}.0
    created: \"2025-{month:02}-{day:02}T03:04:05.678901234Z\"
    dependencies:
    - name: common
      repository: https://charts.example.com/common
      tags:
      - {keyword}-common
      version: 2.x.x
    - condition: {second}.enabled
      name: {second}
      repository: https://charts.example.com/{second}
      version: ~{major}.{minor}.0
    description: {description}
    digest: {digest}
    home: https://{name}.example.com
    icon: https://{name}.example.com/icon.svg
    keywords:
    - {keyword}
    - {second}
    kubeVersion: '>=1.23.0-0'
    maintainers:
    - email: {team}@example.com
      name: {team}
      url: https://{team}.example.com
    name: {name}
    sources:
    - https://git.example.com/{team}/{name}
    urls:
    - https://charts.example.com/archives/{name}-{version}.tgz
    version: {version}
",
        month = 1 + number % 12,
        day = 1 + number % 28,
    )
}

#[cfg(test)]
mod tests {
    use super::{chart, write_index};

    #[test]
    fn charts_and_the_index_have_the_size_that_the_document_tells() {
        let files = chart(7);
        let size: usize = files.iter().map(|file| file.1.len()).sum();
        assert!((18..=22).contains(&files.len()) && (50 << 10..70 << 10).contains(&size), "{size}");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("index.yaml");
        write_index(&file).unwrap();
        let size = fs_err::metadata(&file).unwrap().len();
        assert!((19_000_000..22_000_000).contains(&size), "{size}");
    }
}

//! `cargo xtask fleet`: synthetic workspaces of any size, for benchmarks.
//!
//! The same arguments give the same bytes, on every machine and in every version of this module: the
//! figures in `BENCHMARKS.md` stay comparable only as long as the workspaces behind them do. The
//! digests in the tests hold that.
//!
//! Every environment imports a generated library of constructors (`vendor/genN/`), a small
//! application library with mixins, and a JSON catalogue, and yields applications of seven manifests
//! each.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde::Serialize as _;
use serde_json::{Value, json, ser::PrettyFormatter};

const K: &str = include_str!("k.libsonnet");
const APP: &str = include_str!("app.libsonnet");
const UTIL: &str = include_str!("util.libsonnet");

/// How the environments are spread.
const CLUSTERS: u32 = 9;
const STAGES: [&str; 3] = ["dev", "qa", "prod"];

/// Arguments of `cargo xtask fleet`.
#[derive(Debug, Args)]
pub(crate) struct FleetArgs {
    /// Folder to write into
    dir: PathBuf,
    #[command(flatten)]
    fleet: Fleet,
}

/// The size of a workspace.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Fleet {
    /// Static environments
    #[arg(long, default_value_t = 64)]
    pub(crate) envs: u32,
    /// Applications of an environment
    #[arg(long, default_value_t = 12)]
    pub(crate) apps: u32,
    /// Generated libraries every environment imports
    #[arg(long, default_value_t = 8)]
    pub(crate) libs: u32,
    /// Constructors in a generated library
    #[arg(long, default_value_t = 256)]
    pub(crate) constructors: u32,
    /// Records in the catalogue
    #[arg(long, default_value_t = 2048)]
    pub(crate) records: u32,
    /// Inline environments, all in one file
    #[arg(long, default_value_t = 0)]
    pub(crate) inline: u32,
}

impl Default for Fleet {
    fn default() -> Self {
        Self { envs: 64, apps: 12, libs: 8, constructors: 256, records: 2048, inline: 0 }
    }
}

/// Runs `cargo xtask fleet`.
pub(crate) fn fleet(args: &FleetArgs) -> ExitCode {
    match args.fleet.write(&args.dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Fleet {
    /// Writes the workspace into `dir`, creating it where needed.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub(crate) fn write(&self, dir: &Path) -> std::io::Result<()> {
        for (path, text) in self.files() {
            let target = dir.join(path);
            if let Some(folder) = target.parent() {
                fs_err::create_dir_all(folder)?;
            }
            fs_err::write(target, text)?;
        }
        Ok(())
    }

    /// The path of the `index`-th static environment, relative to the workspace.
    pub(crate) fn environment(index: u32) -> String {
        format!("environments/cluster-{}/env-{index:05}", index % CLUSTERS)
    }

    fn files(&self) -> Vec<(String, String)> {
        let root = json!({ "version": 1, "dependencies": [], "legacyImports": true });
        let mut files = vec![
            ("jsonnetfile.json".to_owned(), pretty(&root, b"  ")),
            ("lib/k.libsonnet".to_owned(), K.to_owned()),
            ("lib/app.libsonnet".to_owned(), APP.to_owned()),
            ("lib/util.libsonnet".to_owned(), UTIL.to_owned()),
            ("lib/catalogue.json".to_owned(), self.catalogue()),
        ];
        for lib in 0..self.libs {
            files.push((format!("vendor/gen{lib}/main.libsonnet"), self.constructor_library(lib)));
        }
        let imports = self.imports();
        for index in 0..self.envs {
            let name = Self::environment(index);
            let main = format!("{imports}{}\n", self.body(index));
            files.push((format!("{name}/spec.json"), pretty(&spec(&name, index), b"  ")));
            files.push((format!("{name}/main.jsonnet"), main));
        }
        if self.inline > 0 {
            files.push(("environments/fleet/main.jsonnet".to_owned(), self.inline_file(&imports)));
        }
        files
    }

    fn catalogue(&self) -> String {
        let record = |i: u32| {
            let features: Vec<_> =
                (0..12).map(|j| format!("feature-{}", (i * 7 + j) % 97)).collect();
            json!({
                "service": format!("service-{i}"),
                "owner": format!("team-{}", i % 37),
                "version": format!("1.{}.{}", i % 23, i % 7),
                "tier": i % 4,
                "features": features,
                "description": format!(
                    "Service number {i} answers requests: it's \"quoted\", has a # sign and {}% more",
                    i * 31 % 101
                ),
            })
        };
        pretty(&(0..self.records).map(record).collect(), b" ")
    }

    fn constructor_library(&self, index: u32) -> String {
        let mut text = String::from("{\n");
        for kind in 0..self.constructors {
            let _ = write!(
                text,
                "  kind{kind}:: {{
    new(name, replicas=1):: {{ apiVersion: 'gen{index}.example.com/v1', kind: 'Kind{kind}', metadata: {{ name: name }} }}
      + self.withReplicas(replicas),
    withReplicas(n):: {{ spec+: {{ replicas: n }} }},
    withLabels(labels):: {{ metadata+: {{ labels+: labels }} }},
    withAnnotations(annotations):: {{ metadata+: {{ annotations+: annotations }} }},
    withEnv(env):: {{ spec+: {{ env+: [{{ name: k, value: env[k] }} for k in std.objectFields(env)] }} }},
    mixin:: {{ spec+: {{ template+: {{ withNodeSelector(s):: {{ spec+: {{ template+: {{ nodeSelector+: s }} }} }} }} }} }},
  }},
"
            );
        }
        text.push_str("}\n");
        text
    }

    fn imports(&self) -> String {
        (0..self.libs).fold(String::new(), |mut text, lib| {
            let _ = writeln!(text, "local gen{lib} = import 'gen{lib}/main.libsonnet';");
            text
        })
    }

    /// The expression that yields the manifests of an environment.
    fn body(&self, index: u32) -> String {
        let mut text = format!(
            "(import 'app.libsonnet') {{ _config+:: {{ cluster: 'cluster-{}', env: '{}', replicas: {} }} }}.apps({}) + {{\n",
            index % CLUSTERS,
            stage(index),
            1 + index % 5,
            self.apps
        );
        for lib in 0..self.libs {
            let kind = lib % self.constructors.max(1);
            let _ = writeln!(
                text,
                "  gen{lib}: gen{lib}.kind{kind}.new('gen{lib}', 3) + gen{lib}.kind{kind}.withLabels({{ lib: 'gen{lib}' }}),"
            );
        }
        text.push('}');
        text
    }

    fn inline_file(&self, imports: &str) -> String {
        let mut text = format!("{imports}{{\n");
        for index in 0..self.inline {
            let _ = write!(
                text,
                "  e{index}: {{ apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: {{ name: 'fleet/e{index}', labels: {{ stage: 'inline' }} }},
    spec: {{ apiServer: 'https://127.0.0.1:1', namespace: 'inline-{index}' }}, data: {} }},
",
                self.body(index)
            );
        }
        text.push_str("}\n");
        text
    }
}

fn stage(index: u32) -> &'static str {
    STAGES[index as usize % STAGES.len()]
}

fn spec(name: &str, index: u32) -> Value {
    json!({
        "apiVersion": "tanka.dev/v1alpha1",
        "kind": "Environment",
        "metadata": {
            "name": name,
            "labels": {
                "cluster": format!("cluster-{}", index % CLUSTERS),
                "stage": stage(index),
            },
        },
        "spec": {
            "apiServer": "https://127.0.0.1:1",
            "namespace": format!("ns-{index}"),
            "injectLabels": true,
            "resourceDefaults": {},
            "expectVersions": {},
        },
    })
}

fn pretty(value: &Value, indent: &[u8]) -> String {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    value.serialize(&mut serializer).expect("a tree of strings and integers is JSON");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::Fleet;

    /// Number of files, and the SHA-256 of `PATH\nLENGTH\nTEXT` of every file, sorted by path.
    fn digest(fleet: Fleet) -> (usize, String) {
        let mut files = fleet.files();
        files.sort();
        let mut hash = Sha256::new();
        for (path, text) in &files {
            hash.update(format!("{path}\n{}\n{text}", text.len()));
        }
        (files.len(), format!("{:x}", hash.finalize()))
    }

    // The digests were recorded from the program that the first benchmarks were made with.
    #[test]
    fn the_same_arguments_give_the_same_bytes_for_ever() {
        let cases = [
            (
                Fleet::default(),
                141,
                "553e6811d8b79676320416e404b4ec2371d760ffe349338555e152ebf74068cc",
            ),
            (
                Fleet { envs: 3, apps: 2, libs: 2, constructors: 4, records: 5, inline: 2 },
                14,
                "d087b86d2538d3843632745e54a1b2e1f76291d44a2d191a97f4e5a7c91eb604",
            ),
            (
                Fleet { envs: 0, apps: 1, libs: 0, constructors: 0, records: 0, inline: 1 },
                6,
                "6a0fbd6a557975cb99fd0f6a1979058d371eeaf938e7629a5282d0f213a080e4",
            ),
            (
                Fleet { envs: 0, inline: 200, ..Fleet::default() },
                14,
                "ae9e4edb4bb8580c62ad3f7ea471ebc0778879b20ecb463927682e1fb7edadb7",
            ),
            (
                Fleet { envs: 12, apps: 3, libs: 3, constructors: 1, records: 60, inline: 0 },
                32,
                "0f064e56ad4c7aad7a82fcaf7b7da6d73278a05397e55193ce3b1867ed087b47",
            ),
        ];
        for (fleet, files, expected) in cases {
            assert_eq!(digest(fleet), (files, expected.to_owned()), "{fleet:?}");
        }
    }
}

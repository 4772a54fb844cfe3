//! `helm`: charts on their own, with the flags of Helm.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::CsvList;
use super::values;

/// The commands below `helm`.
#[derive(Debug, Subcommand)]
pub(crate) enum HelmCommand {
    Template(Box<HelmTemplateArgs>),
    Values(Box<HelmValuesArgs>),
    Lint(Box<HelmLintArgs>),
}

/// Which Helm to be like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum HelmCompat {
    /// Helm 4.3
    #[default]
    V4,
    /// Helm 3.22
    V3,
}

/// The chart and the name of the release.
#[derive(Debug, Args)]
pub(crate) struct ReleaseArgs {
    /// Name of the release, which may be left out, and the chart: folder, archive, URL, `oci://…`, or
    /// `repository/chart`
    #[arg(value_name = "[NAME] CHART", required = true, num_args = 1..=2,
          value_hint = clap::ValueHint::AnyPath)]
    pub(crate) words: Vec<String>,
    /// Namespace of the release
    #[arg(
        long,
        short = 'n',
        value_name = "namespace",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) namespace: String,
    /// Make up a name for the release
    #[arg(long, short = 'g')]
    pub(crate) generate_name: bool,
    /// Template of the name of the release
    #[arg(long, value_name = "template", default_value = "", hide_default_value = true)]
    pub(crate) name_template: String,
}

/// Where a chart is that is not on this machine.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Repository that the chart is in
    #[arg(long, value_name = "url", default_value = "", hide_default_value = true)]
    pub(crate) repo: String,
    /// Version of the chart, or a range of versions (default: the newest)
    #[arg(long, value_name = "version", default_value = "", hide_default_value = true)]
    pub(crate) version: String,
    /// Take versions that are not released yet, too
    #[arg(long)]
    pub(crate) devel: bool,
    /// Name to sign in with
    #[arg(long, value_name = "name", default_value = "", hide_default_value = true)]
    pub(crate) username: String,
    /// Password to sign in with
    #[arg(long, value_name = "password", default_value = "", hide_default_value = true)]
    pub(crate) password: String,
    /// Give name and password to whatever host the repository names
    #[arg(long)]
    pub(crate) pass_credentials: bool,
    /// Certificates to trust besides those of the system
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true)]
    pub(crate) ca_file: String,
    /// Certificate to show to the server
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true)]
    pub(crate) cert_file: String,
    /// Key of the certificate
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true)]
    pub(crate) key_file: String,
    /// Do not check the server's certificate
    #[arg(long)]
    pub(crate) insecure_skip_tls_verify: bool,
    /// Ask a registry without TLS
    #[arg(long)]
    pub(crate) plain_http: bool,
    /// Demand that the chart is signed by a key of the keyring
    #[arg(long)]
    pub(crate) verify: bool,
    /// File with public keys (default: the keyring of `gpg`)
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true)]
    pub(crate) keyring: String,
    /// File of repositories, as `helm repo add` writes it (default: Helm's own)
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true)]
    pub(crate) repository_config: String,
}

/// The values of the user.
#[derive(Debug, Clone, Args)]
pub(crate) struct ValuesArgs {
    /// Files of values, later ones winning (`-` for standard input)
    #[arg(long, short = 'f', value_name = "file")]
    pub(crate) values: Vec<CsvList>,
    /// Values as `name.path=value`, joined by commas
    #[arg(long, value_name = "values", allow_hyphen_values = true)]
    pub(crate) set: Vec<String>,
    /// Values that are strings whatever they look like
    #[arg(long, value_name = "values", allow_hyphen_values = true)]
    pub(crate) set_string: Vec<String>,
    /// Values in JSON
    #[arg(long, value_name = "values", allow_hyphen_values = true)]
    pub(crate) set_json: Vec<String>,
    /// Values that are the contents of files
    #[arg(long, value_name = "values", allow_hyphen_values = true)]
    pub(crate) set_file: Vec<String>,
    /// One value, to be taken literally to the end
    #[arg(long, value_name = "value", allow_hyphen_values = true)]
    pub(crate) set_literal: Vec<String>,
}

/// The cluster that the chart is to see.
#[derive(Debug, Args)]
pub(crate) struct CapabilitiesArgs {
    /// Version of Kubernetes that the chart sees
    #[arg(long, value_name = "version", default_value = "", hide_default_value = true)]
    pub(crate) kube_version: String,
    /// API versions that the chart sees besides the standard ones
    #[arg(long, short = 'a', value_name = "versions")]
    pub(crate) api_versions: Vec<CsvList>,
    /// Helm whose output and messages to have
    #[arg(long, value_enum, value_name = "version", default_value_t)]
    pub(crate) helm_compat: HelmCompat,
}

/// Render a chart, as `helm template` does
#[derive(Debug, Args)]
pub(crate) struct HelmTemplateArgs {
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) capabilities: CapabilitiesArgs,
    /// Print the custom resource definitions, too
    #[arg(long)]
    pub(crate) include_crds: bool,
    /// Leave out tests
    #[arg(long)]
    pub(crate) skip_tests: bool,
    /// Leave out hooks
    #[arg(long)]
    pub(crate) no_hooks: bool,
    /// Let the chart see an upgrade instead of an installation
    #[arg(long)]
    pub(crate) is_upgrade: bool,
    /// Print only what these templates render
    #[arg(long, short = 's', value_name = "template")]
    pub(crate) show_only: Vec<String>,
    /// Write files below this folder instead
    #[arg(long, value_name = "dir", value_parser = values::path())]
    pub(crate) output_dir: Option<PathBuf>,
    /// Put the files into a folder with the name of the release
    #[arg(long)]
    pub(crate) release_name: bool,
    /// Do not check values against the schema of the chart
    #[arg(long)]
    pub(crate) skip_schema_validation: bool,
    /// Let templates look up the addresses of hosts
    #[arg(long)]
    pub(crate) enable_dns: bool,
    /// On an error, print the document that is no YAML all the same
    #[arg(long)]
    pub(crate) debug: bool,
    /// Derive what is random otherwise (passwords, certificates, times) from release and chart
    #[arg(long, overrides_with = "no_deterministic")]
    pub(crate) deterministic: bool,
    /// Leave random what is random (the default)
    #[arg(long)]
    pub(crate) no_deterministic: bool,
    /// Print which template renders this object, and what it looks like
    #[arg(long, value_name = "kind/name")]
    pub(crate) explain: Option<String>,
    #[command(flatten)]
    pub(crate) idle: IdleArgs,
}

/// Print the values that the templates of a chart see
#[derive(Debug, Args)]
pub(crate) struct HelmValuesArgs {
    /// Chart: folder, archive, URL, `oci://…`, or `repository/chart`
    #[arg(value_name = "CHART", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) chart: String,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) capabilities: CapabilitiesArgs,
}

/// Look for mistakes in charts
#[derive(Debug, Args)]
pub(crate) struct HelmLintArgs {
    /// Folders or archives of charts (default: the working directory)
    #[arg(value_name = "CHART", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) charts: Vec<String>,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) capabilities: CapabilitiesArgs,
    /// Namespace of the release
    #[arg(
        long,
        short = 'n',
        value_name = "namespace",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) namespace: String,
    /// Fail on warnings, too
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print only warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Look into the charts that the chart contains, too
    #[arg(long)]
    pub(crate) with_subcharts: bool,
    /// Do not check values against the schema of the chart
    #[arg(long)]
    pub(crate) skip_schema_validation: bool,
}

/// Flags of Helm that have no effect on what is rendered, in Helm neither.
#[derive(Debug, Args)]
pub(crate) struct IdleArgs {
    #[arg(long, hide = true)]
    skip_crds: bool,
    #[arg(long, hide = true)]
    atomic: bool,
    #[arg(long, hide = true)]
    create_namespace: bool,
    #[arg(long, hide = true, default_value = "")]
    description: String,
    #[arg(long, hide = true)]
    disable_openapi_validation: bool,
    #[arg(long, hide = true)]
    force_conflicts: bool,
    #[arg(long, hide = true)]
    force_replace: bool,
    #[arg(long, hide = true)]
    hide_notes: bool,
    #[arg(long, short = 'l', hide = true)]
    labels: Vec<String>,
    #[arg(long, hide = true)]
    render_subchart_notes: bool,
    #[arg(long, hide = true)]
    replace: bool,
    #[arg(long, hide = true)]
    rollback_on_failure: bool,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "")]
    server_side: Option<String>,
    #[arg(long, hide = true)]
    take_ownership: bool,
    #[arg(long, hide = true, default_value = "5m0s")]
    timeout: String,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "")]
    wait: Option<String>,
    #[arg(long, hide = true)]
    wait_for_jobs: bool,
    /// Without a cluster there is one kind of dry run
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true,
          default_missing_value = "client", value_parser = ["client", "none", "true", "false"])]
    dry_run: Option<String>,
}

//! Whether a change of a cluster goes ahead.

use renga_diag::Report;

use super::CommandError;
use super::live::Connection;
use crate::args::{Approval, ChangeArgs, DryRun};
use crate::dialect::Dialect;
use crate::printer::{self, Printer};
use crate::settings::Settings;

/// Two flags that mean the same thing.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("--dangerous-auto-approve and --auto-approve are mutually exclusive")]
#[diagnostic(code(renga::auto_approve), help("`--auto-approve always` is all there needs to be"))]
struct TwoApprovals;

impl Report for TwoApprovals {
    fn tk_text(&self) -> String {
        self.to_string()
    }
}

/// What the flags of a command that changes a cluster come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Consent {
    /// When to ask.
    approval: Approval,
    /// What is only pretended.
    pub(super) dry_run: DryRun,
    dialect: Dialect,
}

impl Consent {
    /// Reads the flags.
    pub(super) fn of(args: &ChangeArgs, settings: &Settings) -> Result<Self, CommandError> {
        // An empty flag is none, so it is the value that counts, as in tk.
        if args.dangerous_auto_approve && settings.is_given("auto_approve") {
            return Err(TwoApprovals.into());
        }
        let approval =
            if args.dangerous_auto_approve { Approval::Always } else { args.auto_approve };
        Ok(Self { approval, dry_run: args.dry_run, dialect: settings.dialect })
    }

    /// Whether to go ahead without a question.
    pub(super) fn is_always(self) -> bool {
        self.approval == Approval::Always
    }

    /// Whether nothing is going to be changed.
    pub(super) fn pretends(self) -> bool {
        matches!(self.dry_run, DryRun::Client | DryRun::Server)
    }

    /// What the cluster is told.
    pub(super) fn dry_run(self) -> renga_cluster::DryRun {
        match self.dry_run {
            DryRun::Unset | DryRun::None => renga_cluster::DryRun::None,
            DryRun::Client => renga_cluster::DryRun::Client,
            DryRun::Server => renga_cluster::DryRun::Server,
        }
    }

    /// Whether the user has to be asked, where there may be no change at all.
    pub(super) fn asks(self, no_changes: bool) -> bool {
        match self.approval {
            Approval::Always => false,
            Approval::IfNoChanges if no_changes => false,
            _ => !self.skips_question(),
        }
    }

    /// Whether the user said beforehand to go ahead whatever there is.
    pub(super) fn is_unconditional(self) -> bool {
        self.approval == Approval::Always || (self.skips_question() && !self.pretends())
    }

    /// tk asks nothing when it finds `--dry-run`, be it `none`.
    fn skips_question(self) -> bool {
        self.pretends() || (self.dry_run == DryRun::None && self.dialect == Dialect::Tk)
    }
}

/// Asks where the change is to go.
pub(super) fn ask(
    connection: &Connection,
    action: &str,
    namespace: &str,
    printer: &Printer,
) -> Result<(), CommandError> {
    printer::confirm(&connection.question(action, namespace, printer))?;
    Ok(())
}

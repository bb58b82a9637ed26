//! Databases on their way through the rollout, and what there is to compare about them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::database::Template;
use super::server::standby_url;
use super::{Answer, Database, Tool, server};

/// How far the rollout has come in a template.
#[derive(Clone, Copy)]
enum Stage {
    Columns,
    Guarded,
    Bound,
    Finished,
}

/// The template of a stage, made when it is first asked for.
fn template(stage: Stage) -> &'static Template {
    static TEMPLATES: [OnceLock<Template>; 4] =
        [OnceLock::new(), OnceLock::new(), OnceLock::new(), OnceLock::new()];
    TEMPLATES[stage as usize].get_or_init(|| {
        let db = match stage {
            Stage::Columns => Database::legacy(),
            Stage::Guarded => Database::columns(),
            Stage::Bound => Database::guarded(),
            Stage::Finished => Database::bound(),
        };
        match stage {
            Stage::Columns => drop(db.up("1")),
            Stage::Guarded => drop(db.up("1.5")),
            Stage::Bound => db.bind(),
            Stage::Finished => drop(db.up("3")),
        }
        db.into_template()
    })
}

impl Database {
    /// With data, after phase 1.
    pub(crate) fn columns() -> Self {
        template(Stage::Columns).copy()
    }

    /// With data, after phase 1.5; no row is bound yet.
    pub(crate) fn guarded() -> Self {
        template(Stage::Guarded).copy()
    }

    /// With data, after phase 2: every row is bound.
    pub(crate) fn bound() -> Self {
        template(Stage::Bound).copy()
    }

    /// With data, after phase 3.
    pub(crate) fn finished() -> Self {
        template(Stage::Finished).copy()
    }

    /// Applies a phase, which must succeed.
    #[track_caller]
    pub(crate) fn up(&self, phase: &str) -> Answer {
        self.tool("migration").words("up --phase").arg(phase).run().is(0)
    }

    /// Binds every row that can be bound, as the backfill does it, with SQL.
    #[track_caller]
    pub(crate) fn bind(&self) {
        self.bind_tables(rehearse::legacy::TABLES.iter());
    }

    /// Binds every row of these tables that can be bound.
    #[track_caller]
    pub(crate) fn bind_tables<'a>(&self, tables: impl Iterator<Item = &'a &'a str>) {
        let update = |table: &&str| {
            format!(
                "UPDATE {table} SET workspace_id = tenants.workspace_id FROM tenants \
                 WHERE tenants.id = {table}.tenant_id AND {table}.workspace_id IS NULL"
            )
        };
        let updates: Vec<_> = tables.map(update).collect();
        let sql = format!("SET LOCAL workspace_isolation.backfill = 'on'; {}", updates.join("; "));
        // One message of several statements is one transaction.
        self.execute(&sql);
    }

    /// Runs SQL that neither triggers nor foreign keys get to see, to make the damage they prevent.
    #[track_caller]
    pub(crate) fn damage(&self, sql: &str) {
        self.execute(&format!("SET LOCAL session_replication_role = replica; {sql}"));
    }

    /// A digest of every row of every table that is not PostgreSQL's own, a line a table.
    pub(crate) fn data(&self) -> String {
        let tables = "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                      WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1";
        let digest = |table: &String| {
            let rows = "coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')";
            let digest = self.text(&format!("SELECT md5({rows}) FROM {table} AS t"));
            format!("{table} {digest}")
        };
        self.texts(tables).iter().map(digest).collect::<Vec<_>>().join("\n")
    }

    /// Asserts that what is run changes neither catalog nor data.
    #[track_caller]
    pub(crate) fn untouched_by<T>(&self, run: impl FnOnce() -> T) -> T {
        let before = (self.catalog(), self.data());
        let answer = run();
        assert_same(&self.catalog(), &before.0);
        assert_same(&self.data(), &before.1);
        answer
    }

    /// The URL of a new role; in the SQL that follows, `{role}` stands for it.
    pub(crate) fn role(&self, name: &str, sql: &str) -> String {
        let role = format!("{}_{name}", self.name());
        self.execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'pass-{role}'"));
        self.execute(&sql.replace("{role}", &role));
        format!("postgres://{role}:pass-{role}@127.0.0.1:{}/{}", self.server().port(), self.name())
    }

    /// Its URL on a hot standby that has everything it has.
    pub(crate) fn standby_url(&self) -> String {
        standby_url(self.name())
    }

    /// A tool of the rollout as another role, or on another server.
    pub(crate) fn tool_at(url: &str, name: &str) -> Tool {
        Tool::new(name).env("DATABASE_URL", url)
    }

    /// Runs a script through psql, which stops at the first error.
    #[track_caller]
    pub(crate) fn psql(&self, script: &str) {
        let mut psql = Command::new(psql())
            .args(["--no-psqlrc", "--quiet", "--file=-", &self.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql: install PostgreSQL's client programs");
        let mut stdin = psql.stdin.take().expect("its stdin");
        stdin.write_all(script.as_bytes()).expect("write the script");
        drop(stdin);
        Answer::of(psql.wait_with_output().expect("wait for psql")).is(0);
    }
}

/// The server's own psql, else that of the system: npm's binaries are without one.
fn psql() -> PathBuf {
    let own = server().bin_dir().join("psql");
    if own.is_file() { own } else { PathBuf::from("psql") }
}

/// Asserts that two listings are the same, and shows only the lines in which they are not.
#[track_caller]
pub(crate) fn assert_same(is: &str, should_be: &str) {
    assert!(is == should_be, "\n{}", difference(is, should_be));
}

/// The lines in which two listings are not the same; nothing if there are none.
pub(crate) fn difference(is: &str, should_be: &str) -> String {
    let only = |one: &str, other: &str, sign: &str| -> String {
        let other: BTreeSet<_> = other.lines().collect();
        let lines = one.lines().filter(|line| !other.contains(line));
        lines.flat_map(|line| [sign, line, "\n"]).collect()
    };
    format!("{}{}", only(should_be, is, "- "), only(is, should_be, "+ "))
}

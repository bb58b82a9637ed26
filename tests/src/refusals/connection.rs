//! No database, none that can be reached, and passwords that never show.

use std::net::TcpListener;

use super::refused;
use crate::harness::{Answer, Database, Session, Tool, server};

const COMMANDS: [(&str, &str); 6] = [
    ("migration", "status"),
    ("migration", "plan"),
    ("migration", "up --phase 1"),
    ("migration", "down --phase 3"),
    ("validate", ""),
    ("validate", "list"),
];

/// What every command answers to this URL.
fn answers(url: &str, more: &str) -> Vec<Answer> {
    let run = |(name, words): (&str, &str)| {
        Database::tool_at(url, name).words(words).words(more).env("RUST_LOG", "trace").run()
    };
    COMMANDS.map(run).into()
}

#[test]
fn without_a_database_every_command_says_how_to_name_one() {
    for (name, words) in COMMANDS {
        for tool in [Tool::new(name), Tool::new(name).env("DATABASE_URL", "")] {
            let answer = tool.words(words).run().is(2);
            answer.says("no database given").next("set DATABASE_URL=postgres://");
        }
    }
}

#[test]
fn a_url_that_is_not_postgresqls_is_refused_without_being_repeated() {
    for url in [
        "mysql://app:s3cret@127.0.0.1/atlas",
        "app:s3cret@127.0.0.1",
        "postgres://app:s3cret@h:port/x",
    ] {
        for answer in answers(url, "") {
            let answer = answer.is(2).says("database URL").next("set DATABASE_URL=postgres://");
            assert!(!answer.stderr.contains("s3cret"), "{}", answer.stderr);
            assert_eq!(answer.stdout, "");
        }
    }
}

#[test]
fn a_parameter_that_the_driver_would_pass_over_is_refused() {
    for answer in answers("postgres://app:s3cret@127.0.0.1/atlas?sslmod=require", "") {
        let answer = answer.is(2).says("unknown parameter sslmod; there are sslmode, ");
        answer.next("correct the parameter in DATABASE_URL");
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    // Whoever connects from here on is refused.
    drop(listener);
    for answer in answers(&format!("postgres://app:s3cret@127.0.0.1:{port}/atlas"), "") {
        let answer = answer.is(2).says(&format!("failed to connect to 127.0.0.1:{port}"));
        let answer = answer.next("check that the server runs");
        assert!(!answer.stderr.contains("s3cret"), "{}", answer.stderr);
    }
}

#[test]
fn a_wrong_password_is_refused_and_shows_nowhere() {
    let db = Database::legacy();
    let url = db.role("clerk", "GRANT pg_read_all_data TO {role}");
    let wrong = url.replace(":pass-", ":wr0ng-");
    let answers = db.untouched_by(|| ["", "-vv"].map(|more| answers(&wrong, more)));
    for answer in answers.into_iter().flatten() {
        let answer = answer.is(2).says("password authentication failed");
        let answer = answer.next("check user, password and database name in DATABASE_URL");
        for text in [&answer.stdout, &answer.stderr] {
            assert!(!text.contains("wr0ng-") && !text.contains("pass-"), "{text}");
        }
    }
}

#[test]
fn the_right_password_shows_nowhere_either() {
    let db = Database::legacy();
    let password = db.url().split([':', '@']).nth(2).expect("a password").to_owned();
    assert!(password.len() > 10, "{password}");
    for words in
        ["status -vv", "plan -vv --format sql", "up --phase 1 -vv", "down --phase 1 --yes -vv"]
    {
        for level in ["trace", "sqlx=trace,debug"] {
            let answer = db.tool("migration").words(words).env("RUST_LOG", level).run().is(0);
            assert!(!answer.stdout.contains(&password), "stdout of {words}");
            assert!(!answer.stderr.contains(&password), "stderr of {words}");
        }
    }
    db.up("1");
    let answer = db.tool("validate").words("-vv").env("RUST_LOG", "trace").run().is(1);
    assert!(!answer.stdout.contains(&password) && !answer.stderr.contains(&password));
}

#[test]
fn a_database_that_does_not_exist_is_refused() {
    for answer in answers(&server().url("no_such_database"), "") {
        answer
            .is(2)
            .says("database \"no_such_database\" does not exist")
            .next("database name in DATABASE_URL");
    }
}

#[test]
fn a_database_that_is_not_the_applications_is_refused_with_every_table_that_is_missing() {
    let db = Database::legacy();
    let answer = refused(&db, 2, || {
        Database::tool_at(&server().url("postgres"), "migration").words("up --phase 1").run()
    });
    for table in
        ["workspaces", "tenants", "policies", "tenant_permissions", "audit_logs", "operation_runs"]
    {
        assert!(
            answer.stderr.contains(&format!("table {table} does not exist")),
            "{}",
            answer.stderr
        );
    }
    answer.next("check that DATABASE_URL names the application's database");
}

#[test]
fn a_server_that_refuses_for_another_reason_than_the_login_is_not_a_wrong_password() {
    let db = Database::legacy();
    let full = db.role("latecomer", "ALTER ROLE {role} CONNECTION LIMIT 0");
    for answer in answers(&full, "") {
        let answer = answer.is(2).says("too many connections for role");
        answer.next("wait until a connection is free");
    }
    // 55000: the database takes no connections.
    let closed = Database::legacy();
    server_execute(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", closed.name()));
    for answer in answers(&closed.url(), "") {
        let answer = answer.is(2).says("is not currently accepting connections");
        answer.next("see the server's log");
    }
    server_execute(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", closed.name()));
}

fn server_execute(sql: &str) {
    Session::open(&server().url("postgres"), "the administrator").execute(sql);
}

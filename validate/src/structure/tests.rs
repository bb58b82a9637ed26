//! Every judgement over a database after phase 3, with one thing taken away or changed at a time.

use isolation::catalog::Relation;

use super::*;
use crate::fixture::{self, AUDIT_LOGS, POLICIES, TENANTS};

/// What is done to a relation before it is judged.
type Change = (&'static str, fn(&mut Relation), Expected);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Absent,
    Valid,
    Invalid,
    Different,
}

fn kind_of(state: &State) -> Expected {
    match state {
        State::Absent => Expected::Absent,
        State::Valid => Expected::Valid,
        State::Invalid => Expected::Invalid,
        State::Different(_) => Expected::Different,
    }
}

fn assert_all(oid: u32, judge: impl Fn(&Relation) -> State, changes: &[Change]) {
    let catalog = fixture::catalog();
    for (change, apply, expected) in changes {
        let mut relation = fixture::table(&catalog, oid);
        apply(&mut relation);
        assert_eq!(kind_of(&judge(&relation)), *expected, "{change}");
    }
}

fn assert_table(oid: u32, judge: Judge, changes: &[Change]) {
    let scope = fixture::scope();
    let target = fixture::target(&scope, oid);
    assert_all(oid, |relation| judge(&scope, &target, relation), changes);
}

fn workspace_column_of(relation: &mut Relation) -> &mut isolation::catalog::Column {
    &mut relation.columns[2]
}

#[test]
fn a_column_is_of_the_workspace_keys_type() {
    assert_table(
        POLICIES,
        workspace_column,
        &[
            ("as it is", |_| {}, Expected::Valid),
            ("absent", |r| drop(r.columns.pop()), Expected::Absent),
            ("nullable", |r| workspace_column_of(r).not_null = false, Expected::Valid),
            (
                "another type",
                |r| workspace_column_of(r).type_name = "integer".to_owned(),
                Expected::Different,
            ),
            ("generated", |r| workspace_column_of(r).generated = true, Expected::Different),
        ],
    );
}

const INDEX_CHANGES: [Change; 10] = [
    ("as it is", |_| {}, Expected::Valid),
    ("absent", |r| r.indexes.clear(), Expected::Absent),
    ("another name", |r| r.indexes[0].name.push('x'), Expected::Absent),
    ("not valid", |r| r.indexes[0].valid = false, Expected::Invalid),
    ("hash", |r| r.indexes[0].method = "hash".to_owned(), Expected::Different),
    ("partial, or an order of its own", |r| r.indexes[0].plain = false, Expected::Different),
    ("deferrable", |r| r.indexes[0].immediate = false, Expected::Different),
    (
        "another column",
        |r| r.indexes[0].columns[0] = Some("tenant_id".to_owned()),
        Expected::Different,
    ),
    ("an expression", |r| r.indexes[0].columns[0] = None, Expected::Different),
    (
        "one column more",
        |r| r.indexes[0].columns.push(Some("name".to_owned())),
        Expected::Different,
    ),
];

#[test]
fn the_workspace_index_covers_the_column_and_nothing_else() {
    assert_table(POLICIES, workspace_index, &INDEX_CHANGES);
    let unique: Change = ("unique", |r| r.indexes[0].unique = true, Expected::Different);
    assert_table(POLICIES, workspace_index, &[unique]);
}

#[test]
fn the_tenants_index_is_unique_on_key_and_workspace() {
    let scope = fixture::scope();
    let judge = |relation: &Relation| tenants_unique(&scope, relation);
    assert_all(TENANTS, judge, &INDEX_CHANGES);
    let changes: [Change; 3] = [
        ("not unique", |r| r.indexes[0].unique = false, Expected::Different),
        ("the other way round", |r| r.indexes[0].columns.reverse(), Expected::Different),
        (
            "wrong and not valid: nothing to be rebuilt",
            |r| {
                r.indexes[0].unique = false;
                r.indexes[0].valid = false;
            },
            Expected::Different,
        ),
    ];
    assert_all(TENANTS, judge, &changes);
}

#[test]
fn not_null_counts_only_where_it_is_validated() {
    fn not_null_constraint(relation: &mut Relation, column: &str, validated: bool) {
        let mut constraint = fixture::a_constraint("n", "n", &[column]);
        constraint.validated = validated;
        relation.constraints.push(constraint);
    }
    assert_table(
        POLICIES,
        not_null,
        &[
            ("as it is, before PostgreSQL 18", |_| {}, Expected::Valid),
            ("PostgreSQL 18", |r| not_null_constraint(r, "workspace_id", true), Expected::Valid),
            (
                "PostgreSQL 18, NOT VALID",
                |r| not_null_constraint(r, "workspace_id", false),
                Expected::Invalid,
            ),
            ("another column's", |r| not_null_constraint(r, "tenant_id", false), Expected::Valid),
            ("nullable", |r| workspace_column_of(r).not_null = false, Expected::Absent),
            ("no column", |r| drop(r.columns.pop()), Expected::Absent),
        ],
    );
}

/// The position of the key under test is that of the constraint in the fixture.
macro_rules! key_changes {
    ($at:literal) => {
        [
            ("as it is", |_: &mut Relation| {}, Expected::Valid),
            ("absent", |r| drop(r.constraints.remove($at)), Expected::Absent),
            ("not validated", |r| r.constraints[$at].validated = false, Expected::Invalid),
            ("deferrable", |r| r.constraints[$at].deferrable = true, Expected::Different),
            (
                "ON DELETE CASCADE",
                |r| r.constraints[$at].on_delete = "c".to_owned(),
                Expected::Different,
            ),
            (
                "ON UPDATE CASCADE",
                |r| r.constraints[$at].on_update = "c".to_owned(),
                Expected::Different,
            ),
            ("MATCH FULL", |r| r.constraints[$at].match_type = "f".to_owned(), Expected::Different),
            ("another table", |r| r.constraints[$at].referenced = 99, Expected::Different),
            (
                "another column",
                |r| r.constraints[$at].columns[0] = "id".to_owned(),
                Expected::Different,
            ),
            (
                "another column there",
                |r| r.constraints[$at].referenced_columns[0] = "name".to_owned(),
                Expected::Different,
            ),
            ("a CHECK", |r| r.constraints[$at].kind = ConstraintKind::Check, Expected::Different),
            (
                "PostgreSQL 18, NOT ENFORCED",
                |r| {
                    r.constraints[$at].definition.push_str(" NOT ENFORCED");
                    r.constraints[$at].validated = false;
                },
                Expected::Different,
            ),
        ]
    };
}

#[test]
fn the_workspace_key_is_compared_by_definition() {
    let changes: [Change; 12] = key_changes!(1);
    assert_table(POLICIES, workspace_foreign_key, &changes);
}

#[test]
fn the_composite_key_is_compared_by_definition() {
    let changes: [Change; 12] = key_changes!(2);
    assert_table(POLICIES, composite_foreign_key, &changes);
    let crossed: Change =
        ("columns crossed", |r| r.constraints[2].referenced_columns.reverse(), Expected::Different);
    assert_table(POLICIES, composite_foreign_key, &[crossed]);
}

#[test]
fn the_audit_check_is_compared_by_expression() {
    assert_table(
        AUDIT_LOGS,
        audit_check,
        &[
            ("as it is", |_| {}, Expected::Valid),
            ("absent", |r| drop(r.constraints.pop()), Expected::Absent),
            (
                "not validated",
                |r| {
                    r.constraints[1].definition.push_str(" NOT VALID");
                    r.constraints[1].validated = false;
                },
                Expected::Invalid,
            ),
            (
                "NO INHERIT",
                |r| r.constraints[1].definition.push_str(" NO INHERIT"),
                Expected::Different,
            ),
            (
                "another expression",
                |r| r.constraints[1].expression = Some("(workspace_id IS NOT NULL)".to_owned()),
                Expected::Different,
            ),
            (
                "not a CHECK",
                |r| r.constraints[1].kind = ConstraintKind::Unique,
                Expected::Different,
            ),
        ],
    );
}

#[test]
fn the_audit_check_uses_names_as_postgresql_prints_them() {
    let scope = fixture::scope();
    let target = fixture::target(&scope, AUDIT_LOGS);
    let mut relation = fixture::table(&fixture::catalog(), AUDIT_LOGS);
    relation.columns[1].reference = "\"tenant_id\"".to_owned();
    let expression = "((\"tenant_id\" IS NULL) OR (workspace_id IS NOT NULL))";
    relation.constraints[1].expression = Some(expression.to_owned());
    relation.constraints[1].definition = format!("CHECK ({expression})");
    assert!(audit_check(&scope, &target, &relation).is_valid());
}

#[test]
fn a_difference_says_what_it_is_and_what_it_should_be() {
    let scope = fixture::scope();
    let target = fixture::target(&scope, POLICIES);
    let mut relation = fixture::table(&fixture::catalog(), POLICIES);
    relation.constraints[2].on_delete = "c".to_owned();
    let State::Different(difference) = composite_foreign_key(&scope, &target, &relation) else {
        panic!("accepted");
    };
    insta::assert_snapshot!(difference, @r#"it is `FOREIGN KEY …`, and should be `FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants"("id", "workspace_id")`, not deferrable"#);
}

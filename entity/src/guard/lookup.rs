//! The two questions the guard asks the database, each one statement on the caller's own
//! connection: inside a transaction they see what it has written, and they see no more than the
//! caller may.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityName, EntityTrait,
    Iterable, PrimaryKeyToColumn,
};

use super::{TenantKey, TenantOwned, TenantTable, Tenants, WorkspaceKey};

const TENANT: &str = "tenant";
const TENANT_WORKSPACE: &str = "tenant_workspace";
const ROW_TENANT: &str = "row_tenant";
const ROW_WORKSPACE: &str = "row_workspace";

/// What is known of tenants that exist: each with its workspace, or `None` while none has claimed
/// it.
pub(super) type Workspaces<T> =
    BTreeMap<<T as TenantTable>::Key, Option<<T as TenantTable>::WorkspaceKey>>;

/// A row that is about to be updated, as it is in the database.
pub(super) struct Row<E: TenantOwned> {
    /// The tenant it names.
    pub(super) tenant: Option<TenantKey<E>>,
    /// The workspace it names; `None` while it is unbound.
    pub(super) workspace: Option<WorkspaceKey<E>>,
    /// Its tenant, if that exists, and the tenant's workspace.
    pub(super) workspaces: Workspaces<E::Tenants>,
}

/// Looks up the workspaces of tenants, all of them with one statement. Tenants that don't exist are
/// not in the answer. No statement for no tenants.
pub(super) async fn workspaces_of<T, C>(
    tenants: BTreeSet<T::Key>,
    db: &C,
) -> Result<Workspaces<T>, DbErr>
where
    T: TenantTable,
    C: ConnectionTrait,
{
    if tenants.is_empty() {
        return Ok(Workspaces::<T>::new());
    }
    let mut select = Query::select();
    column(&mut select, T::KEY, TENANT);
    column(&mut select, T::WORKSPACE, TENANT_WORKSPACE);
    select.from(T::default().table_ref()).and_where(T::KEY.is_in(tenants));
    db.query_all(&select)
        .await?
        .iter()
        .map(|row| Ok((row.try_get("", TENANT)?, row.try_get("", TENANT_WORKSPACE)?)))
        .collect()
}

/// Looks up the row that an update is about to write, together with its tenant, with one statement.
///
/// `None` where there is no such row, or the model doesn't say which: SeaORM has its own errors for
/// both.
pub(super) async fn row_of<A, C>(model: &A, db: &C) -> Result<Option<Row<A::Entity>>, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
    C: ConnectionTrait,
{
    let Some(select) = row_by_key(model) else {
        return Ok(None);
    };
    let Some(row) = db.query_one(&select).await? else {
        return Ok(None);
    };
    let tenant: Option<TenantKey<A::Entity>> = row.try_get("", TENANT)?;
    let workspace = row.try_get("", TENANT_WORKSPACE)?;
    Ok(Some(Row {
        tenant: row.try_get("", ROW_TENANT)?,
        workspace: row.try_get("", ROW_WORKSPACE)?,
        workspaces: tenant.map(|tenant| (tenant, workspace)).into_iter().collect(),
    }))
}

fn row_by_key<A>(model: &A) -> Option<SelectStatement>
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
{
    let mut select = Query::select();
    column(&mut select, A::Entity::TENANT, ROW_TENANT);
    column(&mut select, A::Entity::WORKSPACE, ROW_WORKSPACE);
    column(&mut select, Tenants::<A>::KEY, TENANT);
    column(&mut select, Tenants::<A>::WORKSPACE, TENANT_WORKSPACE);
    // A left join, so that a row without a tenant isn't mistaken for a row that doesn't exist.
    select.from(A::Entity::default().table_ref()).left_join(
        Tenants::<A>::default().table_ref(),
        Expr::col(Tenants::<A>::KEY.as_column_ref()).equals(A::Entity::TENANT.as_column_ref()),
    );
    for key in <A::Entity as EntityTrait>::PrimaryKey::iter() {
        let key = key.into_column();
        match model.get(key) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => {
                select.and_where(key.eq(value));
            }
            ActiveValue::NotSet => return None,
        }
    }
    Some(select)
}

fn column(select: &mut SelectStatement, column: impl ColumnTrait, alias: &'static str) {
    select.expr_as(column.select_as(Expr::col(column.as_column_ref())), alias);
}

//! The write guard for SeaORM applications: phase 1.5 of the rollout, in the application.
//!
//! Rows of a tenant-owned entity get their workspace from their tenant. [`before_save`] derives it
//! where it is absent, and refuses a workspace that isn't the tenant's and a row that changes its
//! tenant. An entity takes part by one line, [`tenant_owned!`](crate::tenant_owned); the entity
//! that holds the tenants implements [`TenantTable`]. Refusals are [`GuardError`]s, which
//! [`GuardError::from_db_err`] finds in SeaORM's `DbErr`.
//!
//! # What it does
//!
//! | write | tenant | workspace | answer |
//! | --- | --- | --- | --- |
//! | insert | not set, or NULL | | [`TenantNotSet`](GuardError::TenantNotSet) |
//! | insert | set | not set, or NULL | derived |
//! | insert | set | set | must be the tenant's |
//! | update | set | | must be the one the row has |
//! | update | | set | must be that of the row's tenant |
//! | update | | set to NULL | derived |
//! | update | | not set, or unchanged and NULL | derived if the row has none, else left alone |
//! | update | not set, or unchanged | unchanged and not NULL | no question asked |
//!
//! To derive or compare, the tenant must exist ([`TenantNotFound`](GuardError::TenantNotFound)) and
//! have a workspace ([`TenantWithoutWorkspace`](GuardError::TenantWithoutWorkspace)), in an update
//! as in an insert. `Set` carries no old value, so the tenant an update sets is compared with the
//! row in the database. Every save asks at most one question, on the connection or transaction the
//! save itself runs on.
//!
//! While the backfill is still at work, the database has rows whose workspace is NULL. A model that
//! is read before then needs an `Option` for its workspace, or reading such a row fails; the guard
//! takes either. An update by key through a model without the `Option` works: the row is bound by
//! the very update, so that what SeaORM reads back has its workspace.
//!
//! # What it does not see
//!
//! SeaORM calls `before_save` from `insert`, `update`, `update_without_returning` and `save` of an
//! active model, and from the nested saves of an `ActiveModelEx`, which go through these or call it
//! themselves before they link rows through a junction table. It does not call it from
//!
//! * `Entity::insert(…)` and `Entity::insert_many(…)`, whatever they end in, hence not with
//!   `on_conflict` either. Give the models to [`check_many`] first. What an `on_conflict` updates
//!   instead is beyond it: leave the tenant and workspace columns out of the update list.
//! * `Entity::update(…)`: give the model to [`before_save`] first, with `insert` false.
//! * `Entity::update_many()`, sea-query statements and raw SQL, which have no models to look at.
//!
//! Deletes break no binding and are not looked at. Rows that have no tenant column of their own,
//! being bound through a parent, have nothing here to hook to.
//!
//! Whatever comes around this guard meets the one in the database: the triggers of phase 1.5 answer
//! with SQLSTATE 23514. This one does not replace them; it answers earlier, with a type, and before
//! the transaction is spoilt. Only where the manifest says `write_guard = "application"` does it
//! stand alone.

mod error;
mod lookup;
mod owned;

use std::collections::BTreeSet;

use sea_orm::sea_query::ValueType;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbErr, EntityName, IdenStatic, Value,
};

pub use self::error::GuardError;
use self::lookup::Workspaces;
pub use self::owned::{Key, TenantOwned, TenantTable};

type Tenants<A> = <<A as ActiveModelTrait>::Entity as TenantOwned>::Tenants;
type TenantKey<E> = <<E as TenantOwned>::Tenants as TenantTable>::Key;
type WorkspaceKey<E> = <<E as TenantOwned>::Tenants as TenantTable>::WorkspaceKey;

/// Binds a model that is about to be saved to its workspace, or refuses it.
///
/// This is what the hook of a tenant-owned entity calls. The table in the [module's
/// documentation](self) says what becomes of which model.
///
/// # Errors
///
/// A [`GuardError`] inside the `DbErr` where the guard refuses; any other `DbErr` where the
/// database could not be asked, or the types of the model's columns are not those of the keys.
pub async fn before_save<A, C>(model: A, db: &C, insert: bool) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
    C: ConnectionTrait,
{
    if insert {
        let tenants = BTreeSet::from([tenant_of(&model)?]);
        bind_new(model, &lookup::workspaces_of::<Tenants<A>, C>(tenants, db).await?)
    } else if is_settled(&model) {
        Ok(model)
    } else {
        match lookup::row_of(&model, db).await? {
            Some(row) => bind_existing(model, &row),
            None => Ok(model),
        }
    }
}

/// Does what [`before_save`] does for an insert to a whole batch, with one statement for all its
/// tenants.
///
/// For the inserts that SeaORM has no hook in:
///
/// ```
/// # use entity::{findings, guard};
/// # use sea_orm::{DatabaseConnection, DbErr, EntityTrait};
/// # type Models = Vec<findings::ActiveModel>;
/// # async fn example(models: Models, db: DatabaseConnection) -> Result<(), DbErr> {
/// let models = guard::check_many(models, &db).await?;
/// findings::Entity::insert_many(models).exec(&db).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`before_save`]; the first model that is refused decides.
pub async fn check_many<A, C>(models: impl IntoIterator<Item = A>, db: &C) -> Result<Vec<A>, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
    C: ConnectionTrait,
{
    let models: Vec<A> = models.into_iter().collect();
    let tenants = models.iter().map(tenant_of).collect::<Result<_, _>>()?;
    let workspaces = lookup::workspaces_of::<Tenants<A>, C>(tenants, db).await?;
    models.into_iter().map(|model| bind_new(model, &workspaces)).collect()
}

/// Whether an update leaves both columns alone and the model proves that the row is bound.
fn is_settled<A>(model: &A) -> bool
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
{
    let writes_tenant = matches!(model.get(A::Entity::TENANT), ActiveValue::Set(_));
    let knows_workspace = matches!(
        model.get(A::Entity::WORKSPACE),
        ActiveValue::Unchanged(workspace) if !is_null(&workspace)
    );
    !writes_tenant && knows_workspace
}

fn bind_new<A>(model: A, workspaces: &Workspaces<Tenants<A>>) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
{
    let tenant = tenant_of(&model)?;
    // An insert writes what is `Unchanged` as well as what is `Set`.
    let given = match model.get(A::Entity::WORKSPACE) {
        ActiveValue::Set(workspace) | ActiveValue::Unchanged(workspace) => key(workspace)?,
        ActiveValue::NotSet => None,
    };
    bind(model, &tenant, given, workspaces)
}

fn bind_existing<A>(model: A, row: &lookup::Row<A::Entity>) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
{
    let table = A::Entity::default().table_name();
    if let ActiveValue::Set(given) = model.get(A::Entity::TENANT) {
        let given: Option<TenantKey<A::Entity>> = key(given)?;
        if given != row.tenant {
            return Err(GuardError::TenantChanged {
                table,
                current: text(row.tenant.as_ref()),
                given: text(given.as_ref()),
            }
            .into());
        }
    }
    let given = match model.get(A::Entity::WORKSPACE) {
        ActiveValue::Set(workspace) => key(workspace)?,
        // Not written, and nothing to make up for: whatever else is wrong with the row is not this
        // write's doing.
        ActiveValue::Unchanged(_) | ActiveValue::NotSet if row.workspace.is_some() => {
            return Ok(model);
        }
        ActiveValue::Unchanged(_) | ActiveValue::NotSet => None,
    };
    let tenant = row.tenant.as_ref().ok_or_else(tenant_not_set::<A::Entity>)?;
    bind(model, tenant, given, &row.workspaces)
}

/// Writes the tenant's workspace into the model, unless it is there already or another one is.
fn bind<A>(
    mut model: A,
    tenant: &TenantKey<A::Entity>,
    given: Option<WorkspaceKey<A::Entity>>,
    workspaces: &Workspaces<Tenants<A>>,
) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
{
    let table = A::Entity::default().table_name();
    let expected = match workspaces.get(tenant) {
        None => {
            let tenant = tenant.to_string();
            return Err(GuardError::TenantNotFound { table, tenant }.into());
        }
        Some(None) => {
            let tenant = tenant.to_string();
            return Err(GuardError::TenantWithoutWorkspace { table, tenant }.into());
        }
        Some(Some(expected)) => expected,
    };
    match given {
        None => model.try_set(A::Entity::WORKSPACE, expected.clone().into())?,
        Some(given) if given == *expected => {}
        Some(given) => {
            return Err(GuardError::WorkspaceMismatch {
                table,
                tenant: tenant.to_string(),
                expected: expected.to_string(),
                given: given.to_string(),
            }
            .into());
        }
    }
    Ok(model)
}

/// The tenant a new row names.
fn tenant_of<A>(model: &A) -> Result<TenantKey<A::Entity>, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: TenantOwned,
{
    let tenant = match model.get(A::Entity::TENANT) {
        ActiveValue::Set(tenant) | ActiveValue::Unchanged(tenant) => key(tenant)?,
        ActiveValue::NotSet => None,
    };
    Ok(tenant.ok_or_else(tenant_not_set::<A::Entity>)?)
}

fn tenant_not_set<E: TenantOwned>() -> GuardError {
    GuardError::TenantNotSet { table: E::default().table_name(), column: E::TENANT.as_str() }
}

/// The key in a column's value; `None` for NULL.
fn key<K: Key>(value: Value) -> Result<Option<K>, DbErr> {
    if is_null(&value) {
        return Ok(None);
    }
    let found = value.to_string();
    match <K as ValueType>::try_from(value) {
        Ok(key) => Ok(Some(key)),
        Err(_) => Err(DbErr::Type(format!(
            "{found} is not a key of type {}: \
             a tenant or workspace column differs from the key it refers to",
            K::type_name()
        ))),
    }
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

fn text<K: Key>(key: Option<&K>) -> String {
    key.map_or_else(|| "NULL".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests;

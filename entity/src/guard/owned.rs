//! What the guard must know about an application's entities, and the macro that says it in one
//! line.

use std::fmt::{Debug, Display};

use sea_orm::sea_query::ValueType;
use sea_orm::{EntityTrait, TryGetable, Value};

/// What can be the key of a tenant or of a workspace: `i64`, `i32`, `Uuid`, `String` and whatever
/// else behaves like them. Implemented for every such type.
pub trait Key:
    ValueType + TryGetable + Into<Value> + Clone + Ord + Debug + Display + Send + Sync
{
}

impl<K> Key for K where
    K: ValueType + TryGetable + Into<Value> + Clone + Ord + Debug + Display + Send + Sync
{
}

/// The entity that records which workspace a tenant belongs to.
///
/// ```
/// # mod customers {
/// # use sea_orm::entity::prelude::*;
/// # #[sea_orm::model]
/// # #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
/// # #[sea_orm(table_name = "customers")]
/// # pub struct Model {
/// #     #[sea_orm(primary_key, auto_increment = false)]
/// #     pub id: Uuid,
/// #     pub space_id: Option<i32>,
/// # }
/// # impl ActiveModelBehavior for ActiveModel {}
/// impl entity::guard::TenantTable for Entity {
///     type Key = Uuid;
///     type WorkspaceKey = i32;
///     const KEY: Column = Column::Id;
///     const WORKSPACE: Column = Column::SpaceId;
/// }
/// # }
/// ```
pub trait TenantTable: EntityTrait {
    /// The type of a tenant's key, and of every tenant column.
    type Key: Key;
    /// The type of a workspace's key, and of every workspace column; without the `Option` where it
    /// is nullable.
    type WorkspaceKey: Key;
    /// The column that tenant columns refer to.
    const KEY: Self::Column;
    /// The column that names a tenant's workspace; it may be NULL.
    const WORKSPACE: Self::Column;
}

/// An entity whose rows belong to a tenant, and through it to a workspace.
///
/// Implement it with [`tenant_owned!`](crate::tenant_owned), which also hooks the guard into the
/// entity. An entity whose `ActiveModelBehavior` does more than that implements both by hand and
/// calls [`before_save`](super::before_save) from its own hook; this trait alone guards nothing.
pub trait TenantOwned: EntityTrait {
    /// Where the tenants are.
    type Tenants: TenantTable;
    /// The column that names the row's tenant.
    const TENANT: Self::Column;
    /// The column that names the row's workspace; its field may be an `Option`.
    const WORKSPACE: Self::Column;
}

/// Makes the entity of the module it is called in tenant-owned: it implements
/// [`TenantOwned`](crate::guard::TenantOwned) and an `ActiveModelBehavior` that calls the guard.
///
/// It takes the entity of the tenants, and the names of the two columns where they are not
/// `TenantId` and `WorkspaceId`:
///
/// ```
/// # mod notes {
/// # use sea_orm::entity::prelude::*;
/// # #[sea_orm::model]
/// # #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
/// # #[sea_orm(table_name = "notes")]
/// # pub struct Model {
/// #     #[sea_orm(primary_key)]
/// #     pub id: i64,
/// #     pub customer_id: i64,
/// #     pub space_id: Option<i64>,
/// # }
/// entity::tenant_owned!(entity::tenants::Entity, tenant = CustomerId, workspace = SpaceId);
/// # }
/// ```
#[macro_export]
macro_rules! tenant_owned {
    ($tenants:ty) => {
        $crate::tenant_owned!($tenants, tenant = TenantId, workspace = WorkspaceId);
    };
    ($tenants:ty, tenant = $tenant:ident, workspace = $workspace:ident) => {
        impl $crate::guard::TenantOwned for Entity {
            type Tenants = $tenants;
            const TENANT: Column = Column::$tenant;
            const WORKSPACE: Column = Column::$workspace;
        }

        #[::sea_orm::prelude::async_trait::async_trait]
        impl ::sea_orm::ActiveModelBehavior for ActiveModel {
            async fn before_save<C>(
                self,
                db: &C,
                insert: bool,
            ) -> ::core::result::Result<Self, ::sea_orm::DbErr>
            where
                C: ::sea_orm::ConnectionTrait,
            {
                $crate::guard::before_save(self, db, insert).await
            }
        }
    };
}

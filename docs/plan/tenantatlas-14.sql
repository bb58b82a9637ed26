-- The statements still to run, as `migration up` runs them: each transaction for itself,
-- tried again where its lock cannot be had in time. What was run by hand, phase by phase,
-- `migration up --phase P` finds done and notes in its ledger.
\set ON_ERROR_STOP on
-- How long it waits for locks is in each of them; builds and validations take their time.
SET lock_timeout = 0;
SET statement_timeout = 0;

-- Phase 1

-- lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SCHEMA IF NOT EXISTS workspace_isolation;
GRANT USAGE ON SCHEMA workspace_isolation TO PUBLIC;
COMMIT;

-- lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE TABLE IF NOT EXISTS "workspace_isolation"."migrations" ( "version" varchar NOT NULL PRIMARY KEY, "applied_at" bigint NOT NULL );
GRANT SELECT ON "workspace_isolation"."migrations" TO PUBLIC;
COMMIT;

-- lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE TABLE IF NOT EXISTS "workspace_isolation"."objects" ( "kind" text NOT NULL, "relation" regclass NOT NULL, "name" text NOT NULL, "made_at" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY ("kind", "relation", "name") );
GRANT SELECT ON "workspace_isolation"."objects" TO PUBLIC;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."policies" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."policies"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policy_versions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."policy_versions" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."policy_versions"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_sets" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_sets" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."backup_sets"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_items" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."backup_items"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."restore_runs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."restore_runs" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."restore_runs"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_schedules" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_schedules" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."backup_schedules"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."inventory_items" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."inventory_items"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_links" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."inventory_links" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."inventory_links"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_groups" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."entra_groups" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."entra_groups"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."findings" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."findings" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."findings"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_role_definitions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."entra_role_definitions" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."entra_role_definitions"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000001_workspace_columns; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenant_permissions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."tenant_permissions" ADD COLUMN "workspace_id" bigint;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('column', '"public"."tenant_permissions"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."policies"'::regclass, 'policies_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "policies_workspace_id_index" ON "public"."policies" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."policies" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."policy_versions"'::regclass, 'policy_versions_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "policy_versions_workspace_id_index" ON "public"."policy_versions" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."policy_versions" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."backup_sets"'::regclass, 'backup_sets_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "backup_sets_workspace_id_index" ON "public"."backup_sets" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."backup_sets" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."backup_items"'::regclass, 'backup_items_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "backup_items_workspace_id_index" ON "public"."backup_items" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."backup_items" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."restore_runs"'::regclass, 'restore_runs_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "restore_runs_workspace_id_index" ON "public"."restore_runs" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."restore_runs" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."backup_schedules"'::regclass, 'backup_schedules_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "backup_schedules_workspace_id_index" ON "public"."backup_schedules" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."backup_schedules" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."inventory_items"'::regclass, 'inventory_items_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "inventory_items_workspace_id_index" ON "public"."inventory_items" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."inventory_items" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."inventory_links"'::regclass, 'inventory_links_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "inventory_links_workspace_id_index" ON "public"."inventory_links" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."inventory_links" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."entra_groups"'::regclass, 'entra_groups_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "entra_groups_workspace_id_index" ON "public"."entra_groups" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."entra_groups" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."findings"'::regclass, 'findings_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "findings_workspace_id_index" ON "public"."findings" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."findings" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."entra_role_definitions"'::regclass, 'entra_role_definitions_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "entra_role_definitions_workspace_id_index" ON "public"."entra_role_definitions" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."entra_role_definitions" ("workspace_id");
COMMIT;

-- m20261122_000002_workspace_indexes; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."tenant_permissions"'::regclass, 'tenant_permissions_workspace_id_index') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE INDEX CONCURRENTLY "tenant_permissions_workspace_id_index" ON "public"."tenant_permissions" ("workspace_id");

-- m20261122_000002_workspace_indexes; lock: SHARE UPDATE EXCLUSIVE; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
ANALYZE "public"."tenant_permissions" ("workspace_id");
COMMIT;

-- m20261122_000003_tenants_unique_index; lock: none; blocks: neither
BEGIN;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('index', '"public"."tenants"'::regclass, 'tenants_id_workspace_id_unique') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000003_tenants_unique_index; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
CREATE UNIQUE INDEX CONCURRENTLY "tenants_id_workspace_id_unique" ON "public"."tenants" ("id", "workspace_id");

-- Phase 1.5

-- m20261122_000004_tenants_frozen; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_tenants"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23514',
        MESSAGE = format('%s.%s of %s cannot change from %s to %s: rows are bound by it',
            TG_TABLE_NAME, 'workspace_id', OLD."id"::text, OLD."workspace_id"::text, coalesce(NEW."workspace_id"::text, 'NULL')),
        HINT = 'A tenant stays with the workspace that claimed it.',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
END
$guard$;
COMMIT;

-- m20261122_000004_tenants_frozen; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_tenants"() FROM PUBLIC;
COMMIT;

-- m20261122_000004_tenants_frozen; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_frozen BEFORE UPDATE ON "public"."tenants" FOR EACH ROW WHEN (((old."workspace_id" IS NOT NULL) AND (new."workspace_id" IS DISTINCT FROM old."workspace_id"))) EXECUTE FUNCTION "workspace_isolation"."guard_public_tenants"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE TABLE IF NOT EXISTS "workspace_isolation"."bound_by_guard" ( "relation" oid NOT NULL, "workspace_id" text NOT NULL, "bound_at" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP );
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_policies" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_policies" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_policies"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_policies"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_policies"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_policies"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."policies" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_policies"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."policies" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_policies"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_policy_versions" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_policy_versions" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_policy_versions"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_policy_versions"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_policy_versions"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_policy_versions"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policy_versions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."policy_versions" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_policy_versions"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policy_versions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."policy_versions" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_policy_versions"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_backup_sets" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_backup_sets" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_backup_sets"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_backup_sets"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_backup_sets"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_backup_sets"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_sets" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."backup_sets" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_backup_sets"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_sets" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."backup_sets" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_backup_sets"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_backup_items" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_backup_items" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_backup_items"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_backup_items"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_backup_items"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_backup_items"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."backup_items" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_backup_items"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."backup_items" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_backup_items"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_restore_runs" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_restore_runs" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_restore_runs"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_restore_runs"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_restore_runs"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_restore_runs"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."restore_runs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."restore_runs" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_restore_runs"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."restore_runs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."restore_runs" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_restore_runs"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_backup_schedules" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_backup_schedules" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_backup_schedules"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_backup_schedules"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_backup_schedules"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_backup_schedules"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_schedules" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."backup_schedules" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_backup_schedules"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_schedules" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."backup_schedules" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_backup_schedules"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_inventory_items" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_inventory_items" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_inventory_items"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_inventory_items"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_inventory_items"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_inventory_items"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."inventory_items" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_inventory_items"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."inventory_items" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_inventory_items"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_inventory_links" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_inventory_links" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_inventory_links"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_inventory_links"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_inventory_links"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_inventory_links"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_links" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."inventory_links" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_inventory_links"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_links" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."inventory_links" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_inventory_links"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_entra_groups" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_entra_groups" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_entra_groups"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_entra_groups"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_entra_groups"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_entra_groups"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_groups" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."entra_groups" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_entra_groups"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_groups" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."entra_groups" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_entra_groups"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_findings" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_findings" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_findings"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_findings"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_findings"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_findings"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."findings" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."findings" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_findings"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."findings" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."findings" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_findings"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_entra_role_definitions" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_entra_role_definitions" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_entra_role_definitions"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_entra_role_definitions"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_entra_role_definitions"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_entra_role_definitions"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_role_definitions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."entra_role_definitions" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_entra_role_definitions"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_role_definitions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."entra_role_definitions" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_entra_role_definitions"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_tenant_permissions" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_tenant_permissions" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_tenant_permissions"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
DECLARE
    owner "public"."tenants"."workspace_id"%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."tenant_id" IS DISTINCT FROM OLD."tenant_id" THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, 'tenant_id', coalesce(OLD."tenant_id"::text, 'NULL'), coalesce(NEW."tenant_id"::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'tenant_id', CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    SELECT tenant."workspace_id" INTO owner FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NULL THEN
        NEW."workspace_id" := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD."workspace_id" IS NOT NULL) THEN
            IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_tenant_permissions"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
                BEGIN
                    PERFORM setval(to_regclass('"workspace_isolation"."filled_public_tenant_permissions"'), floor(date_part('epoch', clock_timestamp()))::bigint);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END IF;
        END IF;
    ELSIF NEW."workspace_id" IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, 'workspace_id', NEW."workspace_id"::text, 'tenant_id', coalesce(NEW."tenant_id"::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', 'workspace_id', 'tenant_id'),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'workspace_id', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD."workspace_id" IS NULL AND NEW."workspace_id" IS NOT NULL THEN
            INSERT INTO "workspace_isolation"."bound_by_guard" (relation, workspace_id) VALUES (TG_RELID, NEW."workspace_id"::text);
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_tenant_permissions"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenant_permissions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."tenant_permissions" FOR EACH ROW EXECUTE FUNCTION "workspace_isolation"."guard_public_tenant_permissions"();
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenant_permissions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON "public"."tenant_permissions" FOR EACH ROW WHEN (((new."tenant_id" IS DISTINCT FROM old."tenant_id") OR (new."workspace_id" IS NULL) OR ((new."workspace_id" IS DISTINCT FROM old."workspace_id") AND ((old."workspace_id" IS NOT NULL) OR (COALESCE(current_setting('workspace_isolation.backfill'::text, true), ''::text) <> 'on'::text))))) EXECUTE FUNCTION "workspace_isolation"."guard_public_tenant_permissions"();
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE SEQUENCE IF NOT EXISTS "workspace_isolation"."filled_public_audit_logs" AS bigint MINVALUE 0 START WITH 0;
GRANT SELECT ON SEQUENCE "workspace_isolation"."filled_public_audit_logs" TO PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
CREATE OR REPLACE FUNCTION "workspace_isolation"."guard_public_audit_logs"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
    SELECT tenant."workspace_id" INTO NEW."workspace_id" FROM "public"."tenants" AS tenant WHERE tenant."id" = NEW."tenant_id";
    IF NEW."workspace_id" IS NOT NULL THEN
        IF pg_sequence_last_value(to_regclass('"workspace_isolation"."filled_public_audit_logs"')) IS DISTINCT FROM floor(date_part('epoch', clock_timestamp()))::bigint THEN
            BEGIN
                PERFORM setval(to_regclass('"workspace_isolation"."filled_public_audit_logs"'), floor(date_part('epoch', clock_timestamp()))::bigint);
            EXCEPTION WHEN OTHERS THEN
                NULL;
            END;
        END IF;
    END IF;
    RETURN NEW;
END
$guard$;
COMMIT;

-- m20261122_000005_write_guard; lock: none; blocks: neither
BEGIN;
SET LOCAL lock_timeout = 10000;
REVOKE EXECUTE ON FUNCTION "workspace_isolation"."guard_public_audit_logs"() FROM PUBLIC;
COMMIT;

-- m20261122_000005_write_guard; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."audit_logs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON "public"."audit_logs" FOR EACH ROW WHEN (((new."tenant_id" IS NOT NULL) AND (new."workspace_id" IS NULL))) EXECUTE FUNCTION "workspace_isolation"."guard_public_audit_logs"();
COMMIT;

-- Phase 3
-- `backfill run` comes before this phase, and `validate --phase 2` must pass.

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."policies" ADD CONSTRAINT "policies_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."policies"'::regclass, 'policies_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."policies" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."policies" ADD CONSTRAINT "policies_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."policies"'::regclass, 'policies_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."policies" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."policies" ADD CONSTRAINT "policies_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."policies"'::regclass, 'policies_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policy_versions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."policy_versions" ADD CONSTRAINT "policy_versions_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."policy_versions"'::regclass, 'policy_versions_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."policy_versions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."policy_versions" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."policy_versions" ADD CONSTRAINT "policy_versions_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."policy_versions"'::regclass, 'policy_versions_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."policy_versions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."policy_versions" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."policy_versions" ADD CONSTRAINT "policy_versions_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."policy_versions"'::regclass, 'policy_versions_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_sets" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_sets" ADD CONSTRAINT "backup_sets_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_sets"'::regclass, 'backup_sets_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."backup_sets" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."backup_sets" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."backup_sets" ADD CONSTRAINT "backup_sets_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_sets"'::regclass, 'backup_sets_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."backup_sets" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."backup_sets" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."backup_sets" ADD CONSTRAINT "backup_sets_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_sets"'::regclass, 'backup_sets_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_items" ADD CONSTRAINT "backup_items_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_items"'::regclass, 'backup_items_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."backup_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."backup_items" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."backup_items" ADD CONSTRAINT "backup_items_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_items"'::regclass, 'backup_items_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."backup_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."backup_items" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."backup_items" ADD CONSTRAINT "backup_items_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_items"'::regclass, 'backup_items_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."restore_runs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."restore_runs" ADD CONSTRAINT "restore_runs_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."restore_runs"'::regclass, 'restore_runs_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."restore_runs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."restore_runs" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."restore_runs" ADD CONSTRAINT "restore_runs_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."restore_runs"'::regclass, 'restore_runs_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."restore_runs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."restore_runs" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."restore_runs" ADD CONSTRAINT "restore_runs_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."restore_runs"'::regclass, 'restore_runs_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_schedules" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_schedules" ADD CONSTRAINT "backup_schedules_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_schedules"'::regclass, 'backup_schedules_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."backup_schedules" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."backup_schedules" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."backup_schedules" ADD CONSTRAINT "backup_schedules_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_schedules"'::regclass, 'backup_schedules_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."backup_schedules" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."backup_schedules" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."backup_schedules" ADD CONSTRAINT "backup_schedules_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."backup_schedules"'::regclass, 'backup_schedules_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."inventory_items" ADD CONSTRAINT "inventory_items_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."inventory_items"'::regclass, 'inventory_items_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."inventory_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."inventory_items" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."inventory_items" ADD CONSTRAINT "inventory_items_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."inventory_items"'::regclass, 'inventory_items_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."inventory_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."inventory_items" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."inventory_items" ADD CONSTRAINT "inventory_items_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."inventory_items"'::regclass, 'inventory_items_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_links" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."inventory_links" ADD CONSTRAINT "inventory_links_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."inventory_links"'::regclass, 'inventory_links_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."inventory_links" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."inventory_links" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."inventory_links" ADD CONSTRAINT "inventory_links_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."inventory_links"'::regclass, 'inventory_links_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."inventory_links" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."inventory_links" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."inventory_links" ADD CONSTRAINT "inventory_links_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."inventory_links"'::regclass, 'inventory_links_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_groups" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."entra_groups" ADD CONSTRAINT "entra_groups_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."entra_groups"'::regclass, 'entra_groups_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."entra_groups" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."entra_groups" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."entra_groups" ADD CONSTRAINT "entra_groups_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."entra_groups"'::regclass, 'entra_groups_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."entra_groups" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."entra_groups" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."entra_groups" ADD CONSTRAINT "entra_groups_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."entra_groups"'::regclass, 'entra_groups_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."findings" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."findings" ADD CONSTRAINT "findings_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."findings"'::regclass, 'findings_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."findings" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."findings" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."findings" ADD CONSTRAINT "findings_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."findings"'::regclass, 'findings_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."findings" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."findings" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."findings" ADD CONSTRAINT "findings_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."findings"'::regclass, 'findings_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_role_definitions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."entra_role_definitions" ADD CONSTRAINT "entra_role_definitions_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."entra_role_definitions"'::regclass, 'entra_role_definitions_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."entra_role_definitions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."entra_role_definitions" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."entra_role_definitions" ADD CONSTRAINT "entra_role_definitions_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."entra_role_definitions"'::regclass, 'entra_role_definitions_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."entra_role_definitions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."entra_role_definitions" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."entra_role_definitions" ADD CONSTRAINT "entra_role_definitions_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."entra_role_definitions"'::regclass, 'entra_role_definitions_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenant_permissions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."tenant_permissions" ADD CONSTRAINT "tenant_permissions_workspace_id_present" CHECK ("workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."tenant_permissions"'::regclass, 'tenant_permissions_workspace_id_present') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."workspaces" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."tenant_permissions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."tenant_permissions" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."workspaces" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."tenant_permissions" ADD CONSTRAINT "tenant_permissions_workspace_id_foreign" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces" ("id") NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."tenant_permissions"'::regclass, 'tenant_permissions_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: SHARE ROW EXCLUSIVE; blocks: writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE "public"."tenant_permissions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
LOCK TABLE "public"."tenant_permissions" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT;
ALTER TABLE "public"."tenant_permissions" ADD CONSTRAINT "tenant_permissions_tenant_id_workspace_id_foreign" FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants" ("id", "workspace_id") ON DELETE CASCADE NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."tenant_permissions"'::regclass, 'tenant_permissions_tenant_id_workspace_id_foreign') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000006_constraints_not_valid; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."audit_logs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."audit_logs" ADD CONSTRAINT "audit_logs_workspace_required_check" CHECK ("tenant_id" IS NULL OR "workspace_id" IS NOT NULL) NOT VALID;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('constraint', '"public"."audit_logs"'::regclass, 'audit_logs_workspace_required_check') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."policies" VALIDATE CONSTRAINT "policies_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."policies" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."policies"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."policies" DROP CONSTRAINT IF EXISTS "policies_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."policies"'::regclass AND name = 'policies_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."policy_versions" VALIDATE CONSTRAINT "policy_versions_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policy_versions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."policy_versions" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."policy_versions"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."policy_versions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."policy_versions" DROP CONSTRAINT IF EXISTS "policy_versions_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."policy_versions"'::regclass AND name = 'policy_versions_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_sets" VALIDATE CONSTRAINT "backup_sets_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_sets" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_sets" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."backup_sets"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_sets" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_sets" DROP CONSTRAINT IF EXISTS "backup_sets_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."backup_sets"'::regclass AND name = 'backup_sets_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_items" VALIDATE CONSTRAINT "backup_items_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_items" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."backup_items"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_items" DROP CONSTRAINT IF EXISTS "backup_items_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."backup_items"'::regclass AND name = 'backup_items_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."restore_runs" VALIDATE CONSTRAINT "restore_runs_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."restore_runs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."restore_runs" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."restore_runs"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."restore_runs" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."restore_runs" DROP CONSTRAINT IF EXISTS "restore_runs_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."restore_runs"'::regclass AND name = 'restore_runs_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_schedules" VALIDATE CONSTRAINT "backup_schedules_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_schedules" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_schedules" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."backup_schedules"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."backup_schedules" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."backup_schedules" DROP CONSTRAINT IF EXISTS "backup_schedules_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."backup_schedules"'::regclass AND name = 'backup_schedules_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."inventory_items" VALIDATE CONSTRAINT "inventory_items_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."inventory_items" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."inventory_items"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_items" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."inventory_items" DROP CONSTRAINT IF EXISTS "inventory_items_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."inventory_items"'::regclass AND name = 'inventory_items_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."inventory_links" VALIDATE CONSTRAINT "inventory_links_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_links" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."inventory_links" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."inventory_links"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."inventory_links" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."inventory_links" DROP CONSTRAINT IF EXISTS "inventory_links_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."inventory_links"'::regclass AND name = 'inventory_links_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."entra_groups" VALIDATE CONSTRAINT "entra_groups_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_groups" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."entra_groups" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."entra_groups"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_groups" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."entra_groups" DROP CONSTRAINT IF EXISTS "entra_groups_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."entra_groups"'::regclass AND name = 'entra_groups_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."findings" VALIDATE CONSTRAINT "findings_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."findings" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."findings" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."findings"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."findings" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."findings" DROP CONSTRAINT IF EXISTS "findings_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."findings"'::regclass AND name = 'findings_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."entra_role_definitions" VALIDATE CONSTRAINT "entra_role_definitions_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_role_definitions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."entra_role_definitions" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."entra_role_definitions"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."entra_role_definitions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."entra_role_definitions" DROP CONSTRAINT IF EXISTS "entra_role_definitions_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."entra_role_definitions"'::regclass AND name = 'entra_role_definitions_workspace_id_present';
COMMIT;

-- m20261122_000007_not_null; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."tenant_permissions" VALIDATE CONSTRAINT "tenant_permissions_workspace_id_present";
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenant_permissions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."tenant_permissions" ALTER COLUMN "workspace_id" SET NOT NULL;
INSERT INTO "workspace_isolation"."objects" (kind, relation, name) VALUES ('not null', '"public"."tenant_permissions"'::regclass, 'workspace_id') ON CONFLICT DO NOTHING;
COMMIT;

-- m20261122_000007_not_null; lock: ACCESS EXCLUSIVE; blocks: reads and writes
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL lock_timeout = 10000;
LOCK TABLE "public"."tenant_permissions" IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = 1000;
ALTER TABLE "public"."tenant_permissions" DROP CONSTRAINT IF EXISTS "tenant_permissions_workspace_id_present";
DELETE FROM "workspace_isolation"."objects" WHERE kind = 'constraint' AND relation = '"public"."tenant_permissions"'::regclass AND name = 'tenant_permissions_workspace_id_present';
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."policies" VALIDATE CONSTRAINT "policies_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."policies" VALIDATE CONSTRAINT "policies_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."policy_versions" VALIDATE CONSTRAINT "policy_versions_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."policy_versions" VALIDATE CONSTRAINT "policy_versions_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_sets" VALIDATE CONSTRAINT "backup_sets_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_sets" VALIDATE CONSTRAINT "backup_sets_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_items" VALIDATE CONSTRAINT "backup_items_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_items" VALIDATE CONSTRAINT "backup_items_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."restore_runs" VALIDATE CONSTRAINT "restore_runs_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."restore_runs" VALIDATE CONSTRAINT "restore_runs_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_schedules" VALIDATE CONSTRAINT "backup_schedules_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."backup_schedules" VALIDATE CONSTRAINT "backup_schedules_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."inventory_items" VALIDATE CONSTRAINT "inventory_items_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."inventory_items" VALIDATE CONSTRAINT "inventory_items_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."inventory_links" VALIDATE CONSTRAINT "inventory_links_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."inventory_links" VALIDATE CONSTRAINT "inventory_links_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."entra_groups" VALIDATE CONSTRAINT "entra_groups_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."entra_groups" VALIDATE CONSTRAINT "entra_groups_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."findings" VALIDATE CONSTRAINT "findings_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."findings" VALIDATE CONSTRAINT "findings_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."entra_role_definitions" VALIDATE CONSTRAINT "entra_role_definitions_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."entra_role_definitions" VALIDATE CONSTRAINT "entra_role_definitions_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."tenant_permissions" VALIDATE CONSTRAINT "tenant_permissions_workspace_id_foreign";
COMMIT;

-- m20261122_000008_foreign_keys; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."tenant_permissions" VALIDATE CONSTRAINT "tenant_permissions_tenant_id_workspace_id_foreign";
COMMIT;

-- m20261122_000009_audit_checks; lock: SHARE UPDATE EXCLUSIVE; blocks: neither; reads the whole table
BEGIN;
SET LOCAL lock_timeout = 10000;
ALTER TABLE "public"."audit_logs" VALIDATE CONSTRAINT "audit_logs_workspace_required_check";
COMMIT;

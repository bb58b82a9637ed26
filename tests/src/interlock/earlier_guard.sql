CREATE OR REPLACE FUNCTION workspace_isolation.guard_public_policies() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $guard$
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
$guard$

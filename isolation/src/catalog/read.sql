-- The catalog of the named tables and of their partitions, as one document read by one statement,
-- so that all of it belongs to one snapshot. It takes no lock on them but ACCESS SHARE for an
-- instant, where PostgreSQL writes out an expression (a trigger's WHEN, a CHECK).
-- $1: [{"schema": text|null, "name": text, "wanted": [text]}, …], where `wanted` are the names its
-- indexes are to bear.
WITH RECURSIVE wanted AS (
    SELECT schema, name, wanted,
           CASE WHEN schema IS NULL THEN to_regclass(quote_ident(name))
                ELSE to_regclass(quote_ident(schema) || '.' || quote_ident(name)) END AS oid
    FROM json_to_recordset($1::json) AS n (schema text, name text, wanted text[])
), family AS (
    SELECT oid::oid AS oid, NULL::oid AS parent FROM wanted WHERE oid IS NOT NULL
    UNION
    SELECT i.inhrelid, i.inhparent
    FROM family f JOIN pg_inherits i ON i.inhparent = f.oid
                  JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p'
), member AS (
    SELECT oid, max(parent) AS parent FROM family GROUP BY oid
)
SELECT json_build_object(
    'server_version', current_setting('server_version_num')::int,
    'deadlock_timeout_ms', (SELECT setting::int FROM pg_settings WHERE name = 'deadlock_timeout'),
    'database', current_database(),
    'role', current_user,
    'in_recovery', pg_is_in_recovery(),
    'can_create', has_database_privilege(current_database(), 'CREATE'),
    'bypasses_row_security', (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user),
    'own_schema', (SELECT json_build_object('owner', pg_get_userbyid(nspowner), 'owned', pg_has_role(nspowner, 'USAGE'),
                       'sequences', (SELECT coalesce(json_agg(s.relname), '[]')
                                     FROM pg_class s WHERE s.relnamespace = o.oid AND s.relkind = 'S'))
                   FROM pg_namespace o WHERE nspname = 'workspace_isolation'),
    'lookups', (SELECT coalesce(json_agg(json_build_object(
        'schema', schema, 'name', name, 'oid', oid::oid::bigint)), '[]') FROM wanted),
    'relations', (SELECT coalesce(json_agg(json_build_object(
        'oid', c.oid::bigint,
        'schema', n.nspname,
        'name', c.relname,
        'reference', quote_ident(n.nspname) || '.' || quote_ident(c.relname),
        'kind', c.relkind::text,
        'parent', m.parent::bigint,
        'owned', pg_has_role(c.relowner, 'USAGE'),
        'can_create_beside', has_schema_privilege(n.oid, 'CREATE'),
        -- Any of these will do; MAINTAIN is new in PostgreSQL 17.
        'can_be_locked', has_table_privilege(c.oid, CASE
            WHEN current_setting('server_version_num')::int >= 170000 THEN 'UPDATE, DELETE, TRUNCATE, MAINTAIN'
            ELSE 'UPDATE, DELETE, TRUNCATE' END),
        'row_security', c.relrowsecurity,
        'forces_row_security', c.relrowsecurity AND c.relforcerowsecurity,
        'is_partition', c.relispartition,
        'is_inherited', c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid),
        -- Index names are taken by any relation of the schema.
        'names_taken', (SELECT coalesce(json_agg(o.relname), '[]')
            FROM wanted w JOIN pg_class o ON o.relname = ANY (w.wanted) AND o.relnamespace = c.relnamespace
            WHERE w.oid = c.oid
              AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = o.oid AND i.indrelid = c.oid)),
        'estimated_rows', c.reltuples::float8,
        'pages', c.relpages,
        -- Not pg_table_size(), which would wait behind whoever has the table locked.
        'bytes', c.relpages::bigint * current_setting('block_size')::bigint,
        'columns', (SELECT coalesce(json_agg(json_build_object(
                'name', a.attname,
                'reference', quote_ident(a.attname),
                'type', format_type(a.atttypid, a.atttypmod),
                'not_null', a.attnotnull,
                'has_default', a.atthasdef OR a.attidentity <> '',
                'generated', a.attgenerated <> '',
                'has_statistics', EXISTS (SELECT FROM pg_stats s
                    WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname)) ORDER BY a.attnum), '[]')
            FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        'indexes', (SELECT coalesce(json_agg(json_build_object(
                'name', ic.relname,
                'method', am.amname,
                'columns', (SELECT json_agg(a.attname ORDER BY k.ord)
                            FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, ord)
                            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0),
                'plain', i.indpred IS NULL AND i.indexprs IS NULL AND i.indnatts = i.indnkeyatts
                         AND (SELECT bool_and(o = 0) FROM unnest(i.indoption::int2[]) AS o)
                         AND (SELECT bool_and(oc.opcdefault) FROM unnest(i.indclass::oid[]) AS x (oid) JOIN pg_opclass oc ON oc.oid = x.oid),
                'unique', i.indisunique,
                'primary', i.indisprimary,
                'immediate', i.indimmediate,
                'valid', i.indisvalid AND i.indisready,
                'building', EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid),
                'scans', (SELECT s.idx_scan FROM pg_stat_all_indexes s WHERE s.indexrelid = i.indexrelid),
                -- Not pg_get_indexdef(), which locks the table.
                'definition', format('%s ON %s.%s USING %s (%s)%s',
                    CASE WHEN i.indisunique THEN 'UNIQUE INDEX' ELSE 'INDEX' END,
                    quote_ident(n.nspname), quote_ident(c.relname), am.amname,
                    (SELECT string_agg(coalesce(quote_ident(a.attname), '(an expression)'), ', ' ORDER BY k.ord)
                     FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, ord)
                     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0),
                    CASE WHEN i.indpred IS NULL THEN '' ELSE ' WHERE …' END)) ORDER BY ic.relname), '[]')
            FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am am ON am.oid = ic.relam
            WHERE i.indrelid = c.oid),
        'constraints', (SELECT coalesce(json_agg(json_build_object(
                'name', k.conname,
                'kind', k.contype::text,
                'validated', k.convalidated,
                'deferrable', k.condeferrable,
                'columns', (SELECT coalesce(json_agg(a.attname ORDER BY x.ord), '[]')
                            FROM unnest(k.conkey) WITH ORDINALITY AS x (attnum, ord)
                            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.attnum),
                'referenced', k.confrelid::bigint,
                'referenced_columns', (SELECT coalesce(json_agg(a.attname ORDER BY x.ord), '[]')
                            FROM unnest(k.confkey) WITH ORDINALITY AS x (attnum, ord)
                            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.attnum),
                'on_update', k.confupdtype::text,
                'on_delete', k.confdeltype::text,
                'match', k.confmatchtype::text,
                -- Not pg_get_expr(), which locks the table; the definition is made without.
                'expression', CASE WHEN k.contype = 'c' THEN substring(pg_get_constraintdef(k.oid)
                    FROM '^CHECK \((.*)\)(?: NO INHERIT)?(?: NOT VALID)?(?: NOT ENFORCED)?$') END,
                'definition', pg_get_constraintdef(k.oid)) ORDER BY k.conname), '[]')
            FROM pg_constraint k WHERE k.conrelid = c.oid),
        'triggers', (SELECT coalesce(json_agg(json_build_object(
                'name', t.tgname,
                'enabled', t.tgenabled::text,
                'definition', pg_get_triggerdef(t.oid),
                'function_schema', fn.nspname,
                'function_name', p.proname,
                'function_owner', pg_get_userbyid(p.proowner),
                'function_source', p.prosrc,
                'function_settings', coalesce(to_json(p.proconfig), '[]'),
                'security_definer', p.prosecdef) ORDER BY t.tgname), '[]')
            FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace fn ON fn.oid = p.pronamespace
            WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
    ) ORDER BY n.nspname, c.relname), '[]')
    FROM member m JOIN pg_class c ON c.oid = m.oid JOIN pg_namespace n ON n.oid = c.relnamespace)
)::text AS catalog

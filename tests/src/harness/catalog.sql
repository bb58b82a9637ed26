-- Everything that can be seen of the schemas that are not PostgreSQL's own, a line a fact. Left
-- out: object identifiers, the places that dropped columns leave, and the order of columns.
WITH schemas AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
)
SELECT fact FROM (
    SELECT format('schema %s acl %s', nspname, (SELECT nspacl FROM pg_namespace p WHERE p.oid = n.oid)) AS fact
    FROM schemas n
  UNION ALL
    SELECT format('%s.%s relation %s owner %s acl %s security %s', n.nspname, c.relname, c.relkind,
                  c.relowner::regrole, c.relacl, c.relrowsecurity)
    FROM pg_class c JOIN schemas n ON n.oid = c.relnamespace WHERE c.relkind NOT IN ('i', 'I')
  UNION ALL
    SELECT format('%s.%s column %s %s%s%s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                  CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                  coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''),
                  CASE WHEN a.attgenerated <> '' THEN ' generated' ELSE '' END)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN schemas n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
    SELECT format('%s.%s index %s valid %s ready %s', n.nspname, c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN schemas n ON n.oid = c.relnamespace
  UNION ALL
    SELECT format('%s constraint %s %s validated %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated)
    FROM pg_constraint k JOIN schemas n ON n.oid = k.connamespace WHERE k.conrelid <> 0
  UNION ALL
    SELECT format('%s trigger %s enabled %s', t.tgrelid::regclass, pg_get_triggerdef(t.oid), t.tgenabled)
    FROM pg_trigger t WHERE NOT t.tgisinternal
  UNION ALL
    SELECT format('function %s.%s %s acl %s', n.nspname, p.proname, md5(pg_get_functiondef(p.oid)), p.proacl)
    FROM pg_proc p JOIN schemas n ON n.oid = p.pronamespace
) facts ORDER BY fact

-- Who of the application waits behind whom of ours: one row for each pair. $1: what the application
-- calls itself, $2: what every session of ours calls itself to begin with.
--
-- Parts that are not needed are not evaluated: while nobody waits, this reads pg_locks once and
-- never asks for anybody's blockers.
WITH RECURSIVE waiting AS MATERIALIZED (
    SELECT * FROM pg_locks WHERE NOT granted
), request AS MATERIALIZED (
    SELECT w.pid, w.waitstart
    FROM waiting AS w JOIN pg_stat_activity AS a ON a.pid = w.pid
    WHERE a.datname = current_database() AND a.application_name = $1
), ours AS MATERIALIZED (
    SELECT a.pid, a.query, a.query_start, a.state = 'active' AS is_active
    FROM pg_stat_activity AS a
    WHERE a.datname = current_database() AND starts_with(a.application_name, $2)
), chain (waiter, link, blocker) AS (
    -- pg_blocking_pids names holders and those ahead in the queue alike.
    SELECT r.pid, r.pid, b.pid FROM request AS r, unnest(pg_blocking_pids(r.pid)) AS b (pid)
    UNION
    SELECT c.waiter, c.blocker, b.pid FROM chain AS c, unnest(pg_blocking_pids(c.blocker)) AS b (pid)
    WHERE c.blocker NOT IN (SELECT pid FROM ours)
)
SELECT DISTINCT ON (c.waiter, o.pid)
       c.waiter,
       o.pid AS ours,
       c.link = c.waiter AS is_direct,
       extract(epoch FROM r.waitstart)::float8 AS waiting_since,
       extract(epoch FROM clock_timestamp())::float8 AS now,
       coalesce(l.locktype, '') AS lock_type,
       EXISTS (
           SELECT FROM pg_locks AS h
           WHERE h.granted AND h.pid = o.pid AND h.locktype = l.locktype
             AND h.database IS NOT DISTINCT FROM l.database
             AND h.relation IS NOT DISTINCT FROM l.relation
             AND h.page IS NOT DISTINCT FROM l.page
             AND h.tuple IS NOT DISTINCT FROM l.tuple
             AND h.transactionid IS NOT DISTINCT FROM l.transactionid
             AND h.virtualxid IS NOT DISTINCT FROM l.virtualxid
             -- What the application asks for, and what keeps it from that. Its own locks are the
             -- three weakest; what else it may wait for (rows, transactions) is held or not.
             AND CASE l.mode
                 WHEN 'AccessShareLock' THEN h.mode = 'AccessExclusiveLock'
                 WHEN 'RowShareLock' THEN h.mode IN ('ExclusiveLock', 'AccessExclusiveLock')
                 WHEN 'RowExclusiveLock' THEN
                     h.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                 ELSE true
             END
       ) AS is_held,
       extract(epoch FROM o.query_start)::float8 AS query_since,
       o.is_active,
       -- SET NOT NULL reads no row where a validated CHECK on the very column stands.
       EXISTS (
           SELECT FROM pg_constraint AS k
           JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]
           WHERE k.conrelid = l.relation AND k.contype = 'c' AND k.convalidated
             AND strpos(o.query, a.attname) > 0
       ) AS is_proven,
       left(regexp_replace(o.query, '\s+', ' ', 'g'), 300) AS query
FROM chain AS c
JOIN ours AS o ON o.pid = c.blocker
JOIN request AS r ON r.pid = c.waiter
LEFT JOIN waiting AS l ON l.pid = c.link
ORDER BY c.waiter, o.pid, is_direct DESC, is_held DESC

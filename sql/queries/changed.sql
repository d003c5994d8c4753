-- What the last round of each source found new, changed or gone; harvest with -v to see what has changed in each.
SELECT
    o.source,
    o.source_id,
    o.title,
    CASE WHEN o.deleted_at IS NULL THEN 'new or changed' ELSE 'gone' END AS what,
    COALESCE(o.deleted_at, o.retrieved_at) AS seen_at
FROM objects o
JOIN (
    SELECT source, COALESCE(
        MAX(CASE WHEN finish_reason = 'loaded' THEN started_at END),
        MAX(CASE WHEN finish_reason = 'complete' THEN started_at END)
    ) AS began
    FROM runs
    GROUP BY source
) r ON r.source = o.source AND COALESCE(o.deleted_at, o.retrieved_at) >= r.began
ORDER BY o.source, what DESC, o.source_id

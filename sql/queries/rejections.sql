-- How many of each run's suggestions people decided, and which share of these they rejected.
SELECT run, field, COUNT(*) AS decided,
    SUM(CASE WHEN status = 'accepted' THEN 1 ELSE 0 END) AS accepted,
    SUM(CASE WHEN status IN ('rejected', 'other', 'coarser') THEN 1 ELSE 0 END) AS rejected,
    ROUND(AVG(CASE WHEN status IN ('rejected', 'other', 'coarser') THEN 1.0 ELSE 0.0 END), 3) AS rejected_share
FROM suggestions
WHERE status IN ('accepted', 'rejected', 'other', 'coarser', 'unclear', 'bad picture')
GROUP BY run, field
ORDER BY run, field

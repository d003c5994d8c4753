-- What is done and what is left to do, by source and kind.
SELECT source, kind, state, COUNT(*) AS tasks
FROM tasks
GROUP BY source, kind, state
ORDER BY source, kind, state

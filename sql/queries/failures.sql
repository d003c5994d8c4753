-- What could not be had, and why.
SELECT source, kind, `key`, state, error, message, url
FROM tasks
WHERE state IN ('failed', 'gone', 'withheld')
ORDER BY source, kind, `key`

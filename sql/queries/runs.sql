-- Every run of a harvest, the newest first.
SELECT id, source, started_at, ended_at, finish_reason, version
FROM runs
ORDER BY id DESC

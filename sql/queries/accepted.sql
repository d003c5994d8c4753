-- What people accepted, or chose instead, the latest first.
SELECT o.source, o.source_id, o.title, s.field, s.decided_value, s.status, s.probability, s.run, s.reviewer, s.decided_at
FROM suggestions s
JOIN objects o ON o.id = s.object_id
WHERE s.status IN ('accepted', 'other')
ORDER BY s.decided_at DESC, s.id DESC

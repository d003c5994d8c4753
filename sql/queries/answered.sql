-- What sources say by now of what was suggested or decided, what differs first.
SELECT
    o.source,
    o.source_id,
    o.title,
    s.field,
    d.value AS source_says,
    s.value AS suggested,
    s.decided_value AS decided,
    s.probability,
    s.run,
    d.decided_at AS known_at
FROM suggestions s
JOIN objects o ON o.id = s.object_id
JOIN decisions d ON d.id = (SELECT MAX(id) FROM decisions WHERE suggestion_id = s.id AND answer = 'answered')
WHERE s.status = 'answered'
ORDER BY d.value = COALESCE(s.decided_value, s.value), d.decided_at DESC, s.id DESC

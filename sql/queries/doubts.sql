-- Labels of the museums that a network contradicts, the surest first, and what people say to each.
SELECT o.source, o.source_id, o.title, s.field, s.doubted, s.value, s.probability, s.run, s.status, s.reviewer
FROM suggestions s
JOIN objects o ON o.id = s.object_id
WHERE s.status IN ('doubted', 'doubtful', 'confirmed', 'undecided')
ORDER BY s.probability DESC, s.id

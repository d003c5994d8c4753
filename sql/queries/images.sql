-- The images of each source by state (the words are explained in docs/catalogue.md), with their size in megabytes.
SELECT o.source, i.state, COUNT(*) AS images, ROUND(SUM(i.bytes) / 1000000.0, 1) AS megabytes
FROM images i
JOIN objects o ON o.id = i.object_id
GROUP BY o.source, i.state
ORDER BY o.source, i.state

-- Image files that more than one object shows.
SELECT i.sha256, COUNT(*) AS objects, MIN(o.url) AS one_of_them
FROM images i
JOIN objects o ON o.id = i.object_id
WHERE i.sha256 IS NOT NULL
GROUP BY i.sha256
HAVING COUNT(*) > 1
ORDER BY objects DESC, i.sha256

-- The media of the paintings, the commonest first.
SELECT medium, COUNT(*) AS paintings
FROM paintings
GROUP BY medium
ORDER BY paintings DESC, medium

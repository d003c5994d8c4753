-- The genres of the paintings, the commonest first.
SELECT genre, COUNT(*) AS paintings
FROM paintings
GROUP BY genre
ORDER BY paintings DESC, genre

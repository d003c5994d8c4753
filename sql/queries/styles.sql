-- The styles of the paintings, the commonest first.
SELECT style, COUNT(*) AS paintings
FROM paintings
GROUP BY style
ORDER BY paintings DESC, style

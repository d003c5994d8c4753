-- Suggestions that wait for a decision, by field and confidence.
SELECT field, FLOOR(probability * 20) / 20 AS probability_from, COUNT(*) AS suggestions
FROM suggestions
WHERE status = 'open'
GROUP BY field, FLOOR(probability * 20) / 20
ORDER BY field, probability_from DESC

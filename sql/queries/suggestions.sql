-- Suggestions that wait for a decision, by field and confidence.
SELECT field, FLOOR(ROUND(probability, 6) * 20) / 20.0 AS probability_from, COUNT(*) AS suggestions
FROM suggestions
WHERE status = 'open'
GROUP BY field, probability_from
ORDER BY field, probability_from DESC

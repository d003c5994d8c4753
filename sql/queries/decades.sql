-- How many paintings each decade has.
SELECT year - ((year % 10) + 10) % 10 AS decade, COUNT(*) AS paintings
FROM paintings
WHERE year IS NOT NULL
GROUP BY decade
ORDER BY decade

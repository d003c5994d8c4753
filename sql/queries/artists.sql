-- The artists with the most paintings, and how many of these carry all five labels.
SELECT
    artist,
    COUNT(*) AS paintings,
    SUM(year IS NOT NULL AND genre IS NOT NULL AND style IS NOT NULL AND medium IS NOT NULL) AS all_five,
    MIN(year) AS first_year,
    MAX(year) AS last_year
FROM paintings
WHERE artist IS NOT NULL
GROUP BY artist
ORDER BY paintings DESC, artist
LIMIT 100

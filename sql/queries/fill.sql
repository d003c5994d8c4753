-- How many paintings of each source carry each of the five labels, and an image.
SELECT
    source,
    COUNT(*) AS paintings,
    COUNT(artist) AS artist,
    COUNT(year) AS year,
    COUNT(genre) AS genre,
    COUNT(style) AS style,
    COUNT(medium) AS medium,
    COUNT(image_path) AS image,
    SUM(artist IS NOT NULL AND year IS NOT NULL AND genre IS NOT NULL AND style IS NOT NULL AND medium IS NOT NULL)
        AS all_five
FROM paintings
GROUP BY source
ORDER BY source

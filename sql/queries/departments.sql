-- How many paintings of each museum's departments carry each of the five labels, all of them, and all but the style.
SELECT
    p.source,
    t.text AS department,
    COUNT(*) AS paintings,
    COUNT(p.artist) AS artist,
    COUNT(p.year) AS year,
    COUNT(p.genre) AS genre,
    COUNT(p.style) AS style,
    COUNT(p.medium) AS medium,
    SUM(p.artist IS NOT NULL AND p.year IS NOT NULL AND p.genre IS NOT NULL AND p.style IS NOT NULL
        AND p.medium IS NOT NULL) AS all_five,
    SUM(p.artist IS NOT NULL AND p.year IS NOT NULL AND p.genre IS NOT NULL AND p.medium IS NOT NULL)
        AS all_but_style
FROM paintings p
JOIN objects o ON o.source = p.source AND o.source_id = p.source_id
JOIN terms t ON t.object_id = o.id AND t.field = 'department' AND t.position = 0
GROUP BY p.source, t.text
ORDER BY p.source, paintings DESC, t.text

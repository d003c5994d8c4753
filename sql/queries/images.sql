-- The images of each source by state (the words are explained in docs/catalogue.md), by whom they are withheld, megabytes.
SELECT o.source, i.state, CASE
    WHEN i.state <> 'withheld' THEN NULL
    WHEN CAST(i.candidates AS CHAR) = '[]' THEN 'rights'
    WHEN i.opt_out IS NOT NULL THEN 'opt-out of its page'
    ELSE 'robots.txt or opt-out'
END AS withheld_by, COUNT(*) AS images, ROUND(SUM(i.bytes) / 1000000.0, 1) AS megabytes
FROM images i
JOIN objects o ON o.id = i.object_id
GROUP BY o.source, i.state, withheld_by
ORDER BY o.source, i.state, withheld_by

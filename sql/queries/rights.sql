-- What the sources say of the paintings' rights.
SELECT source, rights, COUNT(*) AS paintings
FROM paintings
GROUP BY source, rights
ORDER BY source, paintings DESC, rights

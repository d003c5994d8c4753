"""One request to one host: its robots.txt, its turn, its keys, its answer whole or an error.

Doors: `fetcher`, `throttle`, `url`, `auth`, `robots`, `transport`.
"""

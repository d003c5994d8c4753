"""One request to one host; a complete answer or an error.

`fetcher` asks; `transport` is one exchange, `connection` the line, with its limits and where it may lead; `status` says
what an answer's status and headers mean for us (gone, later, blocked, Retry-After); `throttle` is when a host may be
asked; `robots` what its robots.txt allows, `opt_out` what it reserves, each read
once of a host (`host_cache`); `redirects`, `url` and `auth` (the user's keys) are where and how.

Doors: `fetcher`, `throttle`, `auth`, `transport` (open a session), `status` (a source's marks), `robots` (our name),
`opt_out` (what answers say), `url`.
"""

"""One request to one host: its robots.txt, its pace, its keys, its redirects; a complete answer or an error.

Doors: `fetcher` (ask), `throttle` (pace, rests, the end of waiting), `auth` (the user's keys), `transport` (open a
session), `status` (a source's marks), `robots` (our name), `url` (addresses and the mirror).
"""

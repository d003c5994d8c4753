"""Our merged artists as a Reconciliation API endpoint, and what OpenRefine answers as a table of aliases.

`artists` finds whom a name may stand for; `service` answers over HTTP; `answers` reads what people have decided there.
"""

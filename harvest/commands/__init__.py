"""What is typed and what is printed: one module for each subcommand of `harvest`, named like it.

`harvest` is `harvest SOURCE`, with its `arguments` and its `summary`; `options` are what several subcommands share,
`advice` the next command.

Doors: every module (for `harvest.cli`, which collects them).
"""

"""What is typed and what is printed: one module for each subcommand of `harvest`.

Doors: every module (for `harvest.cli`, which collects them).
"""

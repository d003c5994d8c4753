"""What is typed and what is printed: one module for each subcommand of `harvest`.

Door: `harvest.cli`, which collects them.
"""

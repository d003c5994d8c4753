"""What is typed and printed, one module a subcommand; those of `curate.cli` are still there."""

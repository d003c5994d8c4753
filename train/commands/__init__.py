"""What is typed and printed, one module a subcommand; those of `train.cli` are still there."""

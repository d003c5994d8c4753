"""What is typed and printed, one module a subcommand; `train run` is in `train.cli`. `extra` loads what needs Keras."""

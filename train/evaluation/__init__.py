"""What a run came to: `fold` by fold, in `metrics`, summed up in `results`, with its `deviations` from the paper."""

"""A run: `run` goes from a dataset to its report, `cross_validation` fold by fold, `learner` trains in each."""

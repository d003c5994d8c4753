"""The build: a folder with the datasets, written whole or not at all, and with the papers that describe it.

`build` makes it in a `folder`; `papers` and `datasheet` write what describes it; `statistics` counts and
draws; `grouping` finds duplicates and series and deals the folds; `source_gain` measures how far a museum can be read
from a label; `verify` looks a build over, and `diff` compares two.
"""

"""The selection: which paintings of the catalogue a dataset holds, and for which reason each other is left out.

`criteria` are the rules and the reasons; `annotated` reads the catalogue's paintings with their labels and separates
those that have all that is required; `thresholds` asks how many an artist has; `left_out` counts and checks the sums.
"""

"""What a source lacks, and what may be expected of a network that is asked for it, in whole numbers.

`inventory` counts what a source has and lacks; `estimates` turns what was seen on its own labelled paintings into
ranges; `expectations` takes these from a finished run, and from predictions if there are any; `report` says it.
"""

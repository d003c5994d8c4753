"""The paper's tables and figures on a build.

`plan` says which runs they take, `runner` carries them out, `report` shows what came of it. `published` holds what
the paper says, number by number; `tables` and `figures` put ours beside it.
"""

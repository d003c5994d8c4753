"""Where each program starts: its modules take a while to load, and Ctrl-C may come meanwhile."""

import signal
from functools import partial
from importlib import import_module


def start(module: str) -> None:
    """Run the `main` of a module; stopped while that loads, a program ends without a word, for nothing has begun."""
    is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not so behind nohup or "&"
    if is_interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main = import_module(module).main
    if is_interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


harvest, curate, train = (partial(start, f"{program}.cli") for program in ("harvest", "curate", "train"))

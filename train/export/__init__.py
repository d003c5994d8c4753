"""Export: a run's network with all that belongs to it in one file, for programs that know nothing of this one."""

"""The version of these programs, as each of them keeps it with what it makes."""


def version() -> str:
    """Return the version that is installed, or say that none is."""
    from importlib.metadata import PackageNotFoundError  # slow to load, and few commands ask
    from importlib.metadata import version as version_of

    try:
        return version_of("raisonne")
    except PackageNotFoundError:
        return "(a checkout, not installed)"

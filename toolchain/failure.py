"""The error that setup shows to its user."""


class SetupError(Exception):
    """Setup cannot go on; the text says why and what to do."""

"""Errors a user can mend. The message always says what to do; the CLI prints it on one line and exits with 2."""


class FootfallError(Exception):
    """Base of every error that is the user's to mend, not a defect of the program."""


class ConfigError(FootfallError):
    """A setting is missing, misspelt or contradicts another."""


class SourceError(FootfallError):
    """A camera, stream or recording cannot be opened or read."""


class ModelError(FootfallError):
    """A model file is missing, damaged or not of the expected kind."""


class StoreError(FootfallError):
    """The database cannot be reached, is at another migration, or refuses what is asked."""


class DataError(FootfallError):
    """A training or evaluation data set is malformed."""

"""What can be wrong with a database, in words for people, and what became of a job when it was."""


class DatabaseError(Exception):
    """The database cannot be used as it is; the message says why, and what to do."""


class ServedError(DatabaseError):
    """A backend serves the database, and has to do what is wanted itself, or to be ended first."""


class ConstraintViolatedError(Exception):
    """The schema refused what a job wanted to do; `Tx.undo` comes before anything else in that job."""


class DatabaseBusyError(Exception):
    """The database could not be had in time; this job was surely not carried out."""


class OutcomeUnknownError(Exception):
    """The line to the database was lost in a commit; whether this job was carried out is not known."""


class WriterStoppedError(OutcomeUnknownError):
    """The writer has stopped for good; whether this job was carried out is not known."""

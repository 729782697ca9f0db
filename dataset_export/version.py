# The version of the code that determines a snapshot's bytes. Raise it with each such change.
CODE_VERSION = "2"

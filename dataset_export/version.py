# The version of the code that decides about a snapshot's bytes; it rises with every such change.
CODE_VERSION = "2"

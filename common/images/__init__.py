"""Pictures that people send: looked at from afar, developed in a child process under limits, kept by the storage."""

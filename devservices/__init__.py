"""PostgreSQL, Valkey and the whole site in one checkout, for development and tests only.

Production neither imports this package nor installs what it needs. Nothing starts on import:
`python -m devservices` runs the site, `python -m devservices exec -- COMMAND` one command.
"""

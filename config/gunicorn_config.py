"""gunicorn's settings in production and development alike.

Start it with `gunicorn --config python:config.gunicorn_config config.wsgi`.
"""

import os

# More than a page needs: a request that keeps PostgreSQL busy for longer gets no answer.
DEFAULT_STATEMENT_SECONDS = "30"

workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)
worker_class = "config.gunicorn_worker.HeaderBufferingWorker"
worker_connections = 256
control_socket_disable = True
# Tasks have time limits of their own, so that only web processes set one for statements.
raw_env = [
    "DATABASE_STATEMENT_SECONDS="
    + os.environ.get("DATABASE_STATEMENT_SECONDS", DEFAULT_STATEMENT_SECONDS)
]

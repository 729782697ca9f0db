"""Repeatable reads: several queries that see the same state of the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

Parameters = ParamSpec("Parameters")
_View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]


@contextmanager
def consistent_read() -> Iterator[None]:
    """Run the block in one REPEATABLE READ, read-only snapshot of the database.

    By default each query sees what was committed before it began: between reading a file's bytes
    and the rows about it, the file may be replaced. Evaluate query sets inside. PostgreSQL cannot
    vacuum what is visible here, so never wait for a client or another service inside. Also a
    decorator.

    Raises:
        RuntimeError: a transaction is open, which has its own snapshot.
    """
    # Tests may wrap it in a transaction, whose isolation level is fixed.
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(durable=True):
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def consistent_view(view: _View[Parameters]) -> _View[Parameters]:
    """Run a view in one `consistent_read`, after authentication.

    Reading the user of an expired session deletes it, which is a write.
    """

    @wraps(view)
    def wrapped(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        _ = request.user.is_authenticated
        with consistent_read():
            return view(request, *args, **kwargs)

    return wrapped

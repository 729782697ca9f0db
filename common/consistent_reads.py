"""Read several rows that belong together as they are at one moment."""

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
    """Have all queries within see one state of the database, as of the first of them, and change nothing.

    Ordinarily each query sees what was committed before it began: between the bytes of a file and the rows that say
    whose they are, the file may be replaced. Evaluate query sets within. What is still seen here PostgreSQL cannot
    clear away, so nothing may wait within for a client or another service. Also a decorator.

    Raises:
        RuntimeError: a transaction is open already, which has its own view of the database.
    """
    # In a test there may be a transaction around it, whose isolation stays as it is.
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(durable=True):
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def consistent_view(view: _View[Parameters]) -> _View[Parameters]:
    """Have a view read in one `consistent_read`, once it is known who asks.

    To look at the person of a session that has ended deletes it, which nothing may do within.
    """

    @wraps(view)
    def wrapped(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        _ = request.user.is_authenticated
        with consistent_read():
            return view(request, *args, **kwargs)

    return wrapped

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Item = TypeVar("Item", bound=Model)
PAGE_SIZE = 20
MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a keyset-paginated list, newest first; `next_url` is None on the last one."""

    items: list[Item]
    next_url: str | None
    is_first: bool


def get_cursor(request: HttpRequest, name: str) -> int | None:
    """Return the id in a query parameter; invalid ids count as missing."""
    return parse_id(request.GET.get(name))


def parse_id(value: str | None) -> int | None:
    """Parse an id; None if it is invalid."""
    if not value or not (value.isascii() and value.isdigit()):
        return None
    return min(int(value[:20]), MAX_ID)


def paginate(
    queryset: QuerySet[Item],
    request: HttpRequest,
    *,
    key: str = "id",
    size: int = PAGE_SIZE,
    oldest_first: bool = False,
) -> Page[Item]:
    """Return one page of a query set by the unique column `key`, in one query.

    The next page is below `?max_id=`, or above `?min_id=` in ascending order.
    """
    parameter, comparison, sign = ("min_id", "gt", "") if oldest_first else ("max_id", "lt", "-")
    cursor = get_cursor(request, parameter)
    if cursor is not None:
        queryset = queryset.filter(**{f"{key}__{comparison}": cursor})
    rows = list(queryset.order_by(f"{sign}{key}")[: size + 1])
    items = rows[:size]
    following = (
        url_with_param(request, parameter, getattr(items[-1], key)) if len(rows) > size else None
    )
    return Page(items, following, cursor is None)


def paginate_callable(
    rows: Callable[[int | None, int], list[Item]],
    request: HttpRequest,
    *,
    size: int = PAGE_SIZE,
    oldest_first: bool = False,
) -> Page[Item]:
    """Return one page from a callable that takes a cursor (None on the first page) and a limit."""
    parameter = "min_id" if oldest_first else "max_id"
    cursor = get_cursor(request, parameter)
    found = rows(cursor, size + 1)
    following = (
        url_with_param(request, parameter, found[size - 1].pk) if len(found) > size else None
    )
    return Page(found[:size], following, cursor is None)


def url_with_param(request: HttpRequest, parameter: str, value: Any) -> str:
    """Return this page's URL with one query parameter replaced."""
    query = request.GET.copy()
    query[parameter] = str(value)
    return f"{request.path}?{query.urlencode()}"

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
    """One page of a list that is ordered by a unique id, newest first; `next_url` is None at the end."""

    items: list[Item]
    next_url: str | None
    is_first: bool


def get_cursor(request: HttpRequest, name: str) -> int | None:
    """Return the id in a query parameter; what is no id counts as not given."""
    return parse_id(request.GET.get(name))


def parse_id(value: str | None) -> int | None:
    """Return the id that somebody sent; None for what is no id."""
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
    """Cut one page out of `queryset`, in one query, by the unique column `key`.

    The next page is below `?max_id=`, or above `?min_id=` where the oldest come first.
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
    """Cut such a page out of what `rows` brings for a cursor, None for the first page, and a number of rows."""
    parameter = "min_id" if oldest_first else "max_id"
    cursor = get_cursor(request, parameter)
    found = rows(cursor, size + 1)
    following = (
        url_with_param(request, parameter, found[size - 1].pk) if len(found) > size else None
    )
    return Page(found[:size], following, cursor is None)


def url_with_param(request: HttpRequest, parameter: str, value: Any) -> str:
    """Return this page's address with one query parameter set."""
    query = request.GET.copy()
    query[parameter] = str(value)
    return f"{request.path}?{query.urlencode()}"

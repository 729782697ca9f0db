"""All addresses of the site, read from its URL configuration."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def all_patterns() -> list[tuple[str, str]]:
    """Return the full name and the pattern of each address; the pattern is the name where it has none."""
    return list(walk(get_resolver()))


def walk(resolver: URLResolver, namespace: str = "", prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}", f"{prefix}{entry.pattern}"
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from walk(entry, inner, f"{prefix}{entry.pattern}")

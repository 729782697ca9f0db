"""The empty composer of the home page, rendered once per process."""

from functools import cache
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from posts.forms.compose import PostForm

# Placeholders for what is new each time.
KEY, _TOKEN, WRITER = UUID(int=0), "no-token-yet", "no-writer-yet"


def render_composer(request: HttpRequest) -> SafeString:
    """Return an empty composer with a publish key of its own."""
    html = cached_composer().replace(str(KEY), str(uuid4())).replace(_TOKEN, get_token(request))
    html = html.replace(WRITER, str(request.user.pk))
    return mark_safe(html)  # noqa: S308 - a key and a token of letters and digits in what a template made


@cache
def cached_composer() -> str:
    form = PostForm(fields={"publish_key": KEY})
    context = {
        "form": form,
        "csrf_token": _TOKEN,
        "written_by": WRITER,
        "icons": static("img/icons.svg"),
    }
    return render_to_string("posts/_composer.html", context)

from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to the icon, for pages that name none, such as the admin's."""
    return HttpResponseRedirect(static("img/favicon.svg"))

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.services import set_preferred_languages
from accounts.views.profile import current_user
from common.ratelimits import rate_limited
from timeline.forms import LanguagesForm

languages_limit = rate_limited("languages", limit=60, seconds=300)


@login_required
@require_http_methods(["GET", "POST"])
@languages_limit
def languages(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    form = LanguagesForm(initial={"languages": user.preferred_languages})
    if request.method == "POST":
        form = LanguagesForm(request.POST)
        if form.is_valid():
            set_preferred_languages(user=user, languages=form.cleaned_data["languages"])
            messages.success(request, "Choices saved.")
            return redirect("timeline:public")
    return render(
        request, "timeline/languages.html", {"form": form}, status=422 if form.errors else 200
    )

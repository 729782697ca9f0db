from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views.profile import current_user
from common.ratelimits import rate_limited
from dataset_export.access import services
from dataset_export.access.forms import AccessRequestForm, TermsForm
from dataset_export.access.selectors import get_access_status, has_token, list_requests
from dataset_export.access.terms import current_terms
from dataset_export.eligibility import downloadable_snapshots
from dataset_export.models import AccessRequest, AccessTerms
from dataset_export.removals.acknowledge import pending_removals

ask_limit = rate_limited("ask_access", limit=20, seconds=24 * 3600)


@require_safe
def terms_page(request: HttpRequest, version: int | None = None) -> HttpResponse:
    terms = current_terms() if version is None else get_object_or_404(AccessTerms, version=version)
    return render(request, "dataset_export/terms.html", {"terms": terms, "newest": current_terms()})


@login_required
@require_safe
def my_access(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    context = {
        "asked": list_requests(user),
        "has_token": has_token(user),
        "duties": pending_removals(user),
    }
    return render(request, "dataset_export/access_requests.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@ask_limit
def ask_access(request: HttpRequest, name: str) -> HttpResponseBase:
    snapshot = get_object_or_404(downloadable_snapshots(), name=name)
    standing = get_access_status(current_user(request), name)
    if not standing.may_ask:
        return redirect("dataset_export:access_requests")
    form = AccessRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return request_submitted(request, name, form)
    context = {"snapshot": snapshot, "form": form, "terms": current_terms(), "standing": standing}
    return render(
        request, "dataset_export/request_access.html", context, status=422 if form.errors else 200
    )


def request_submitted(request: HttpRequest, name: str, form: AccessRequestForm) -> HttpResponse:
    try:
        services.request_access(user=current_user(request), dataset=name, **form.answers())
    except services.AccessError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, f"You have asked for {name}. The answer comes by email, and stands here."
        )
    return redirect("dataset_export:access_requests")


@login_required
@require_http_methods(["GET", "POST"])
@ask_limit
def agree_terms(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Show newer terms to whoever has agreed to older ones, and take the yes."""
    access = get_object_or_404(
        AccessRequest.objects.select_related("terms"), pk=request_id, user=current_user(request)
    )
    form = TermsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.agree_to_terms(request=access, terms=form.cleaned_data["terms"])
        except services.TermsChangedError as changed:
            messages.error(request, str(changed))
        else:
            messages.success(
                request,
                f"You have agreed to version {form.cleaned_data['terms'].version} of the terms.",
            )
        return redirect("dataset_export:access_requests")
    context = {"access": access, "form": form, "terms": current_terms()}
    return render(
        request, "dataset_export/agree_terms.html", context, status=422 if form.errors else 200
    )

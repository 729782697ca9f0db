"""What may be done with single posts: one from its menu, or many at once."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_http_methods

from accounts.views.profile import current_user
from common.ratelimits import rate_limited
from common.redirects import login_required_post
from consent.models import BulkDecision, ConsentEvent
from consent.notices import current_notices
from consent.purposes import Purpose
from consent.selectors import get_consent_status
from consent.services import (
    AgeAttestationRequiredError,
    BulkUndoError,
    decide_in_bulk,
    get_or_create_subject,
    record_age_attestation,
    record_post_decisions,
    undo_bulk,
)
from posts.forms.training import BulkForm, ChoiceForm, current_choice
from posts.models import Post
from posts.presentation.training_status import ineligibility_reason, training_status

ADULTS_ONLY = "Confirm you’re 18 or older to opt in."
BULK_SAMPLE = 5
_decision_limit = rate_limited("decide", limit=60, seconds=300)


@login_required
@require_http_methods(["GET", "POST"])
@_decision_limit
def post_training(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(
        Post.objects.without_reposts().with_card_data(request.user),
        pk=post_id,
        author=current_user(request),
    )
    standing = get_consent_status(post.author_id, [post.pk])
    data = request.POST if request.method == "POST" else None
    form = ChoiceForm(data, initial=current_choice(post, standing), adult=standing.adult)
    if request.method == "POST" and form.is_valid() and ineligibility_reason(post) is None:
        if form.cleaned_data.get("adult"):
            record_age_attestation(user=request.user)
        try:
            record_post_decisions(
                user=request.user,
                post_ids=[post.pk],
                choice=form.choice(),
                source=ConsentEvent.Source.SETTINGS,
            )
        except AgeAttestationRequiredError:
            form.add_error("adult", ADULTS_ONLY)
        else:
            messages.success(request, "Saved for this post.")
            return redirect(post)
    notices = current_notices()
    context = {
        "post": post,
        "mark": training_status(post, standing),
        "never": ineligibility_reason(post),
        "form": form,
        "notices": [notices[purpose] for purpose in Purpose.values],
    }
    return render(request, "posts/training.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@_decision_limit
def bulk_training(request: HttpRequest) -> HttpResponse:
    """Show which posts a bulk answer would reach (GET), and give it (POST)."""
    form = BulkForm(request.POST if request.method == "POST" else request.GET or None)
    posts = (
        form.posts_of(current_user(request))
        if form.is_bound and form.is_valid()
        else Post.objects.none()
    )
    if request.method == "POST" and form.is_valid():
        return answer_in_bulk(request, form)
    subject = get_or_create_subject(request.user)
    context = {
        "form": form,
        "asked": form.is_bound and form.is_valid(),
        "count": posts.count(),
        "sample": list(posts.order_by("-pk")[:BULK_SAMPLE]),
        "earlier": BulkDecision.objects.filter(subject=subject.pk, undone_at__isnull=True).order_by(
            "-pk"
        )[:10],
    }
    return render(request, "posts/bulk_training.html", context, status=422 if form.errors else 200)


def answer_in_bulk(request: HttpRequest, form: BulkForm) -> HttpResponse:
    post_ids = list(form.posts_of(current_user(request)).values_list("pk", flat=True))
    made = decide_in_bulk(
        user=request.user, post_ids=post_ids, choice=form.choice(), description=form.description()
    )
    if made is None:
        messages.info(request, "Nothing changed: these posts already had this setting.")
    else:
        messages.success(
            request,
            f"{made.description}: {made.posts} post{pluralize(made.posts)}. You can undo it below.",
        )
    return redirect("posts:bulk_training")


@login_required_post
@_decision_limit
def undo_bulk_training(request: HttpRequest, bulk_id: int) -> HttpResponseBase:
    made = get_object_or_404(
        BulkDecision, pk=bulk_id, subject=get_or_create_subject(request.user).pk
    )
    try:
        undo_bulk(user=request.user, bulk=made)
    except BulkUndoError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Undone. The posts are as before.")
    return redirect("posts:bulk_training")

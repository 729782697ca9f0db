"""What a consent decision means for datasets: a preview before it, and its effects after it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.views.profile import current_user
from common.consistent_reads import consistent_read
from common.pagination import paginate
from common.ratelimits import allow_request, too_many_requests
from consent.models import ConsentEvent
from consent.notices import current_notice
from consent.purposes import Purpose
from consent.selectors import get_consent_status, purposes_with_post_grants
from consent.services import get_or_create_subject
from dataset_export.authors.contributions import author_removals, downloads
from dataset_export.authors.outcomes import built_snapshots, outcomes
from dataset_export.eligibility import (
    AssumedGrant,
    exportable_posts,
    snapshots_containing_user,
)
from posts.models import Post
from posts.presentation.training_status import training_status

_SAMPLE = 20
PREVIEWS, _SECONDS = 30, 300
MAX_DOWNLOADS_SHOWN = 50
_Covers = ConsentEvent.Covers


@login_required
@require_safe
def preview(request: HttpRequest, purpose: str) -> HttpResponseBase:
    """Show which posts a grant would share, by the query that decides about exports."""
    if purpose not in Purpose.values:
        raise Http404("No such purpose.")
    if not allow_request("preview", str(request.user.pk), limit=PREVIEWS, seconds=_SECONDS):
        return too_many_requests(request, _SECONDS)
    covers = (
        _Covers.FROM_NOW if request.GET.get("covers") == _Covers.FROM_NOW else _Covers.EVERYTHING
    )
    count, sample = preview_export(current_user(request), purpose, covers)
    context = {"purpose": Purpose(purpose), "covers": covers, "count": count, "sample": sample}
    return render(request, "dataset_export/preview.html", context)


def preview_export(user: User, purpose: str, covers: str) -> tuple[int, list[Post]]:
    """Return how many posts a grant would share, and the newest of them. Writes nothing."""
    posts = exportable_posts(purpose).filter(author=user)
    if not is_granted_already(user, purpose, covers):
        assumed = AssumedGrant(user.pk, covers_everything=covers == _Covers.EVERYTHING)
        posts = exportable_posts(purpose, assumed=assumed)
    return posts.count(), list(posts.select_related("author").order_by("-pk")[:_SAMPLE])


def is_granted_already(user: User, purpose: str, covers: str) -> bool:
    """Tell whether the same grant is active, so that recording it again would change nothing."""
    event = get_consent_status(user.pk).account.get(purpose)
    return (
        event is not None
        and event.is_grant
        and event.covers == covers
        and event.notice_id == current_notice(purpose).pk
    )


@login_required
@require_safe
def training_use(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show the author the outcome of a post in each dataset."""
    post = get_object_or_404(
        Post.objects.without_reposts().select_related("author"),
        pk=post_id,
        author=current_user(request),
    )
    subject = get_or_create_subject(post.author).pk
    with consistent_read():
        page = paginate(built_snapshots(), request)
        standing = get_consent_status(post.author_id, [post.pk])
        context = {
            "post": post,
            "mark": training_status(post, standing),
            "page": page,
            "fates": outcomes(post, page.items),
            "downloads": downloads(subject, post_id=post.pk, most=MAX_DOWNLOADS_SHOWN),
            "removals": author_removals(subject, post_id=post.pk, most=MAX_DOWNLOADS_SHOWN),
        }
    return render(request, "dataset_export/post_outcomes.html", context)


@login_required
@require_safe
def withdrawal_effects(request: HttpRequest, purpose: str) -> HttpResponse:
    if purpose not in Purpose.values:
        raise Http404("No such purpose.")
    return consequences_page(request, Purpose(purpose).label, [purpose])


@login_required
@require_safe
def all_withdrawal_effects(request: HttpRequest) -> HttpResponse:
    return consequences_page(request, "All purposes", Purpose.values)


def consequences_page(request: HttpRequest, what: str, purposes: list[str]) -> HttpResponse:
    """Show what a withdrawal does; redirect if consent was given again."""
    subject = get_or_create_subject(request.user)
    standing = get_consent_status(current_user(request).pk)
    if any(standing.counts(standing.account.get(purpose)) for purpose in purposes):
        return redirect("consent:training")
    context = {
        "what": what,
        "snapshots": snapshots_containing_user(subject.pk).filter(purpose__in=purposes),
        "single_posts": bool(purposes_with_post_grants(subject).intersection(purposes)),
    }
    return render(request, "dataset_export/withdrawal_effects.html", context)

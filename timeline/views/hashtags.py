from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.views.profile import current_user, follow_limit, unfollow_limit
from common.htmx import is_htmx_partial
from common.pagination import paginate
from common.redirects import login_required_post, safe_referrer
from posts import services
from posts.models import Hashtag
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.presentation.metadata import hashtag_metadata
from posts.text.entities import tag_name
from timeline.hashtags import (
    followed_tags,
    is_following,
    parse_tag_path,
    tag_timeline,
    usage_by_day,
)
from timeline.views.timelines import feed, feed_page


@require_safe
def hashtag(request: HttpRequest, names: str) -> HttpResponse:
    labels = tag_labels(names)
    keys = [tag_name(label) for label in labels]
    known = {tag.name: tag for tag in Hashtag.objects.filter(name__in=keys)}
    page = feed(request, tag_timeline(keys, request.user))
    set_content_owners_from_posts(request, page.items)
    shown = [
        known[key].label if key in known else label for key, label in zip(keys, labels, strict=True)
    ]
    context = {"page": page, "tags": list(zip(keys, shown, strict=True))}
    if len(keys) == 1:
        ids = [tag.pk for tag in known.values()]
        days = usage_by_day(ids, timezone.now().date())
        context |= {"name": keys[0], "days": next(iter(days.values()), None)}
        context["introduction"] = hashtag_metadata(keys[0], shown[0])
        context["is_following"] = is_following(request.user, keys[0])
    return feed_page(request, "timeline/hashtag.html", context)


def tag_labels(names: str) -> list[str]:
    labels = parse_tag_path(names)
    if labels is None:
        raise Http404("These are no tags.")
    return labels


def tag_label(name: str) -> str:
    labels = tag_labels(name)
    if len(labels) > 1:
        raise Http404("These are several tags.")
    return labels[0]


@login_required_post
@follow_limit
def follow_hashtag(request: HttpRequest, name: str) -> HttpResponseBase:
    label = tag_label(name)
    try:
        services.follow_tag(user=current_user(request), name=tag_name(label), label=label)
    except services.HashtagFollowError as refused:
        messages.error(request, str(refused))
        address = reverse("timeline:hashtag", args=[tag_name(label)])
        return (
            HttpResponseClientRedirect(address) if is_htmx_partial(request) else redirect(address)
        )
    return hashtag_follow_button(request, tag_name(label), is_following=True)


@login_required_post
@unfollow_limit
def unfollow_hashtag(request: HttpRequest, name: str) -> HttpResponseBase:
    key = tag_name(tag_label(name))
    services.unfollow_tag(user=current_user(request), name=key)
    return hashtag_follow_button(request, key, is_following=False)


def hashtag_follow_button(request: HttpRequest, name: str, *, is_following: bool) -> HttpResponse:
    if is_htmx_partial(request):
        return render(
            request, "timeline/_follow_hashtag.html", {"name": name, "is_following": is_following}
        )
    return redirect(safe_referrer(request) or reverse("timeline:hashtag", args=[name]))


@login_required
@require_safe
def followed(request: HttpRequest) -> HttpResponse:
    page = paginate(followed_tags(current_user(request)), request)
    return render(request, "timeline/followed_hashtags.html", {"page": page})

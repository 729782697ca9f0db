from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.views import follow_limit, signed_in, unfollow_limit
from common.navigation import came_from, signed_in_act
from common.pagination import paginate
from common.rendering import asks_for_part
from posts import services
from posts.crawling import about_posts
from posts.models import Tag
from posts.sharing import introduce_tag
from posts.text import tag_name
from timeline.tags import days_of, followed_tags, is_following, labels_in, tag_timeline
from timeline.views import feed, feed_page


@require_safe
def tag(request: HttpRequest, names: str) -> HttpResponse:
    labels = labels_of(names)
    keys = [tag_name(label) for label in labels]
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=keys)}
    page = feed(request, tag_timeline(keys, request.user))
    about_posts(request, page.items)
    shown = [known[key].label if key in known else label for key, label in zip(keys, labels, strict=True)]
    context = {"page": page, "tags": list(zip(keys, shown, strict=True))}
    if len(keys) == 1:
        ids = [tag.pk for tag in known.values()]
        days = days_of(ids, timezone.now().date())
        context |= {"name": keys[0], "days": next(iter(days.values()), None)}
        context["introduction"] = introduce_tag(keys[0], shown[0])
        context["is_following"] = is_following(request.user, keys[0])
    return feed_page(request, "timeline/tag.html", context)


def labels_of(names: str) -> list[str]:
    labels = labels_in(names)
    if labels is None:
        raise Http404("These are no tags.")
    return labels


def label_of(name: str) -> str:
    labels = labels_of(name)
    if len(labels) > 1:
        raise Http404("These are several tags.")
    return labels[0]


@signed_in_act
@follow_limit
def follow(request: HttpRequest, name: str) -> HttpResponseBase:
    label = label_of(name)
    try:
        services.follow_tag(user=signed_in(request), name=tag_name(label), label=label)
    except services.CannotFollowTag as refused:
        messages.error(request, str(refused))
        address = reverse("timeline:tag", args=[tag_name(label)])
        return HttpResponseClientRedirect(address) if asks_for_part(request) else redirect(address)
    return button(request, tag_name(label), is_following=True)


@signed_in_act
@unfollow_limit
def unfollow(request: HttpRequest, name: str) -> HttpResponseBase:
    key = tag_name(label_of(name))
    services.unfollow_tag(user=signed_in(request), name=key)
    return button(request, key, is_following=False)


def button(request: HttpRequest, name: str, *, is_following: bool) -> HttpResponse:
    if asks_for_part(request):
        return render(request, "timeline/_follow_tag.html", {"name": name, "is_following": is_following})
    return redirect(came_from(request) or reverse("timeline:tag", args=[name]))


@login_required
@require_safe
def followed(request: HttpRequest) -> HttpResponse:
    page = paginate(followed_tags(signed_in(request)), request)
    return render(request, "timeline/followed_tags.html", {"page": page})

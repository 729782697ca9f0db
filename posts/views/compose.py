"""Write posts, one or a thread, at once or for later; and keep what is not ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views.profile import current_user
from common.htmx import is_htmx_partial
from common.pagination import parse_id
from common.ratelimits import rate_limited
from common.redirects import login_required_post
from posts import selectors, services
from posts.forms.compose import MAXIMUM_CHARACTERS, PostForm
from posts.forms.media import add_pictures, has_rejected_media, validate_and_store_media
from posts.models import Draft, Post
from posts.policies import quote_denied_expression, reply_denied_expression, reply_rules
from posts.presentation.hydrate import hydrate_posts
from posts.text.language import LANGUAGES, guess_language

# Mastodon's limit, which people's clients know.
publish_limit = rate_limited("publish", limit=300, seconds=3 * 3600)
# One saves itself every other second while somebody types.
draft_limit = rate_limited("draft", limit=600, seconds=300)

MAX_FORM_FIELDS = 200
# Files, and what was decided about them already.
NOT_KEPT_ENDINGS = ("pictures", "remove", "reminded")
NOT_KEPT = {"csrfmiddlewaretoken", "written_by", "publish_key", "reply_to", "quote_of"}


@dataclass(frozen=True, slots=True)
class ComposeContext:
    """The posts that one writes about."""

    reply_to: Post | None
    quote_of: Post | None


@login_required
@require_http_methods(["GET", "POST"])
@publish_limit
def compose(request: HttpRequest) -> HttpResponseBase:
    if "draft" in request.GET:
        return resume_draft(request)
    about = get_compose_context(request)
    if request.method == "GET":
        return compose_page(request, PostForm(parent=about.reply_to), about)
    form = PostForm(request.POST, parent=about.reply_to)
    if not validate_media(request, form):
        # As typed, with what is to be said of the pictures; the words are looked at once those are settled.
        return compose_page(request, rebind_form(request, form, about), about)
    if not form.is_valid():
        return compose_page(request, form, about)
    try:
        return (
            schedule(request, form, about)
            if form.cleaned_data["publish_at"]
            else _publish(request, form, about)
        )
    except (services.PublishError, services.DraftError) as refused:
        form.add_error(None, str(refused))
        return compose_page(request, form, about)


def resume_draft(request: HttpRequest) -> HttpResponse:
    """Show the composer with what was kept in a draft."""
    draft = own_draft(request, parse_id(request.GET.get("draft")))
    about = ComposeContext(
        get_visible_or_none(request, draft.reply_to_id),
        get_visible_or_none(request, draft.quote_of_id),
    )
    form = PostForm(
        parent=about.reply_to, fields={**draft.fields, "publish_key": draft.key, "is_fresh": ""}
    )
    add_pictures(form, current_user(request), saved_post_data(draft.fields), MultiValueDict())
    return compose_page(request, form, about, draft)


def validate_media(request: HttpRequest, form: PostForm) -> bool:
    """Take the pictures that came with a composer; say whether all of its posts can go out with theirs."""
    pictures = add_pictures(
        form, current_user(request), request.POST, request.FILES, size_of(request)
    )
    return validate_and_store_media(pictures)


def rebind_form(request: HttpRequest, sent: PostForm, about: ComposeContext) -> PostForm:
    fields = {**raw_fields(request), "publish_key": request.POST.get("publish_key", "")}
    form = PostForm(parent=about.reply_to, fields=fields)
    for part, before in zip(form.all_thread_forms, sent.all_thread_forms, strict=True):
        part.pictures = before.pictures
    return form


def saved_post_data(fields: Mapping[str, Any]) -> QueryDict:
    """Return what was kept in a draft as it was sent."""
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def size_of(request: HttpRequest) -> int:
    return int(request.META.get("CONTENT_LENGTH") or 0)


def _publish(request: HttpRequest, form: PostForm, about: ComposeContext) -> HttpResponse:
    posts = services.publish_thread(
        author=current_user(request),
        drafts=form.drafts(),
        reply_to=about.reply_to,
        quote_of=about.quote_of,
        is_scheduled_one=not form.cleaned_data["is_fresh"],
    )
    done = "Thread posted." if len(posts) > 1 else "Posted."
    messages.success(request, done, extra_tags=str(posts[0].pk))
    return redirect(posts[0])


def schedule(request: HttpRequest, form: PostForm, about: ComposeContext) -> HttpResponse:
    services.schedule_post(
        author=current_user(request),
        written=composer_state(
            request, about, form.cleaned_data["publish_key"] or form.initial["publish_key"]
        ),
        drafts=form.drafts(),
        publish_at=form.cleaned_data["publish_at"],
        is_scheduled_one=not form.cleaned_data["is_fresh"],
    )
    messages.success(request, "Your post is scheduled.")
    return redirect("posts:drafts")


@login_required_post
@draft_limit
def add_part(request: HttpRequest) -> HttpResponseBase:
    """Show the composer as it is, with one part more."""
    about = get_compose_context(request)
    fields = {**raw_fields(request), "publish_key": request.POST.get("publish_key", "")}
    form = PostForm(parent=about.reply_to, fields=fields, one_more=True)
    for pictures in add_pictures(
        form, current_user(request), request.POST, request.FILES, size_of(request)
    ):
        pictures.take_files()
    return compose_page(request, form, about)


@login_required_post
@draft_limit
def autosave_draft(request: HttpRequest) -> HttpResponseBase:
    """Keep what stands in a composer; asked for by its button, and by itself as somebody types."""
    try:
        key = forms.UUIDField().clean(request.POST.get("publish_key", ""))
        draft = services.save_draft(
            author=current_user(request),
            written=composer_state(request, get_compose_context(request), key),
        )
    except forms.ValidationError:
        return draft_response(
            request, "This cannot be kept. Open the composer again.", is_kept=False
        )
    except services.DraftError as refused:
        return draft_response(request, str(refused), is_kept=False)
    if draft is None:
        return draft_response(request, "There is nothing to keep.", is_kept=False)
    if draft.is_scheduled:
        return draft_response(
            request, "It goes out as it was until you post this change.", is_kept=False
        )
    return draft_response(request, "Saved as a draft.", is_kept=True)


def draft_response(request: HttpRequest, words: str, *, is_kept: bool) -> HttpResponse:
    if is_htmx_partial(request):
        language = LANGUAGES.get(guess_language(request.POST.get("text", "")))
        return HttpResponse(
            format_html("{} It reads as {}.", words, language) if is_kept and language else words
        )
    (messages.success if is_kept else messages.error)(request, words)
    return redirect("posts:drafts")


@require_safe
@login_required
def drafts(request: HttpRequest) -> HttpResponse:
    kept = list(selectors.drafts_of(current_user(request)))
    scheduled = sorted(
        (draft for draft in kept if draft.is_scheduled), key=lambda draft: str(draft.publish_at)
    )
    context = {
        "scheduled": scheduled,
        "drafts": [draft for draft in kept if not draft.is_scheduled],
    }
    return render(request, "posts/drafts.html", context)


@login_required_post
@draft_limit
def delete_draft(request: HttpRequest, draft_id: int) -> HttpResponseBase:
    own_draft(request, draft_id).delete()
    messages.success(request, "Draft deleted.")
    return redirect("posts:drafts")


@login_required_post
@draft_limit
def unschedule_draft(request: HttpRequest, draft_id: int) -> HttpResponseBase:
    services.unschedule(draft=own_draft(request, draft_id))
    messages.success(request, "Unscheduled. It’s in your drafts.")
    return redirect("posts:drafts")


def own_draft(request: HttpRequest, draft_id: int | None) -> Draft:
    return get_object_or_404(Draft, pk=draft_id, author=current_user(request))


def composer_state(
    request: HttpRequest, about: ComposeContext, key: UUID
) -> services.ComposerState:
    """Return what stands in the composer that was sent."""
    named = {
        name: str(post.pk) for name in ("reply_to", "quote_of") if (post := getattr(about, name))
    }
    return services.ComposerState(
        key, {**raw_fields(request), **named}, about.reply_to, about.quote_of
    )


def raw_fields(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a composer as they were sent, within bounds; a name that came often has a list."""
    return {
        sanitize_text(name): sanitize_text(values[0])
        if len(values) == 1
        else [sanitize_text(value) for value in values[:MAX_FORM_FIELDS]]
        for name, values in list(request.POST.lists())[:MAX_FORM_FIELDS]
        if name not in NOT_KEPT and not name.endswith(NOT_KEPT_ENDINGS)
    }


def sanitize_text(value: object) -> str:
    # The database takes no NUL.
    return str(value)[:MAXIMUM_CHARACTERS].replace("\x00", "")


def get_compose_context(request: HttpRequest) -> ComposeContext:
    """Return the posts that are answered (`reply_to`) and quoted (`quote_of`); 404 for one that may not be read."""
    return ComposeContext(
        get_target_post(request, "reply_to"), get_target_post(request, "quote_of")
    )


def get_target_post(request: HttpRequest, name: str) -> Post | None:
    value = request.POST.get(name) or request.GET.get(name)
    if value is None:
        return None
    readable = Post.objects.without_reposts().visible_to(request.user).with_card_data(request.user)
    return get_object_or_404(readable, pk=parse_id(value) or 0)


def get_visible_or_none(request: HttpRequest, post_id: int | None) -> Post | None:
    """Return the post that a draft is about, None where it is gone or not for its author any more."""
    if post_id is None:
        return None
    readable = Post.objects.filter(pk=post_id).visible_to(request.user).with_card_data(request.user)
    return readable.order_by("pk").first()


def compose_page(
    request: HttpRequest, form: PostForm, about: ComposeContext, draft: Draft | None = None
) -> HttpResponse:
    parent, quoted = about.reply_to, about.quote_of
    refusal = (parent and reply_denied_expression(parent)) or (
        quoted and quote_denied_expression(quoted)
    )
    if draft is not None:
        refusal = None  # the words are shown, and the refusal where they are sent all the same
    parent, quoted = (
        hydrate_posts([post], request.user)[0] if post else None for post in (parent, quoted)
    )
    context: dict[str, object] = {
        "form": form,
        "parent": parent,
        "quoted": quoted,
        "draft": draft,
        "refusal": refusal,
    }
    if parent is not None:
        context["rules"] = reply_rules(parent, selectors.thread_root(parent, request.user))
    is_refused = form.errors or has_rejected_media(form)
    return render(request, "posts/compose.html", context, status=422 if is_refused else 200)

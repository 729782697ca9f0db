from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from common.navigation import asked_for_next, signed_in_act
from common.ratelimits import rate_limited
from consent.crawlers import set_crawling
from consent.forms import DecisionForm, WelcomeForm
from consent.models import ConsentEvent, Language, Notice
from consent.notices import DEFAULT_LANGUAGE, current_notices
from consent.purposes import Purpose
from consent.selectors import Standing, purposes_of_single_posts, standing_of
from consent.services import NotAnAdult, attest_adult, decide, note_asked, subject_of, withdraw_all
from consent.words import LABELS, WORDS

decision_limit = rate_limited("decide", limit=60, seconds=300)


@dataclass(frozen=True, slots=True)
class PurposeState:
    """One purpose as the settings page shows it."""

    purpose: str
    name: str
    summary: str
    text: str
    notice: str
    granted: bool
    outdated: bool
    since: datetime | None
    covers: str
    choice: str
    error: str | None
    single_posts: bool


@login_required
@require_safe
def training(request: HttpRequest) -> HttpResponse:
    return training_page(request)


@signed_in_act
@decision_limit
def decide_purpose(request: HttpRequest, purpose: str) -> HttpResponseBase:
    if purpose not in Purpose.values:
        raise Http404("No such purpose.")
    form = DecisionForm(request.POST, purpose=purpose)
    if not form.is_valid():
        return training_page(request, {purpose: str(next(iter(form.errors.values()))[0])})
    if form.cleaned_data["adult"]:
        attest_adult(user=request.user)
    try:
        event = decide(
            user=request.user,
            purpose=purpose,
            decision=form.cleaned_data["decision"],
            covers=form.cleaned_data["covers"],
            notice=form.cleaned_data["notice"],
            source=ConsentEvent.Source.SETTINGS,
        )
    except NotAnAdult:
        return training_page(request, {purpose: LABELS[language_of(request)].adults_only})
    messages.success(request, said(event, purposes_of_single_posts(subject_of(request.user))))
    return redirect("consent:training") if event.is_grant else redirect("dataset_export:consequences", purpose)


@signed_in_act
@decision_limit
def withdraw_everything(request: HttpRequest) -> HttpResponseBase:
    with transaction.atomic():
        withdraw_all(user=request.user)
        set_crawling(user=request.user, allows=False)
    messages.success(
        request,
        "No to everything. From now on nothing of yours is given out for training, and your pages say no to crawlers.",
    )
    return redirect("dataset_export:all_consequences")


@login_required
@require_http_methods(["GET", "POST"])
@decision_limit
def welcome(request: HttpRequest) -> HttpResponse:
    """Ask once, after sign-up; whoever skips is not asked again."""
    if request.method == "GET":
        asked = subject_of(request.user).asked_at is not None
        return (
            redirect(asked_for_next(request) or "consent:training") if asked else welcome_page(request, WelcomeForm())
        )
    form = WelcomeForm({} if "skip" in request.POST else request.POST)
    if not form.is_valid():
        return welcome_page(request, form)
    answer_all(request, form)
    if form.answers():
        messages.success(request, "Your answers are noted. You can change them under “Training” on any day.")
    return redirect(asked_for_next(request) or "timeline:home")


@transaction.atomic
def answer_all(request: HttpRequest, form: WelcomeForm) -> None:
    note_asked(user=request.user)
    if form.cleaned_data["adult"]:
        attest_adult(user=request.user)
    for purpose, decision in form.answers():
        decide(
            user=request.user,
            purpose=purpose,
            decision=decision,
            notice=form.cleaned_data[f"{purpose}_notice"],
            source=ConsentEvent.Source.SIGN_UP,
        )


def welcome_page(request: HttpRequest, form: WelcomeForm) -> HttpResponse:
    language = language_of(request)
    notices = current_notices(language)
    errors = {purpose: str(form.errors[purpose][0]) for purpose in Purpose.values if purpose in form.errors}
    context = {
        "purposes": [
            state_of(notices[purpose], Standing(), {purpose: form.data.get(purpose, "")}, errors)
            for purpose in Purpose.values
        ],
        "form": form,
        "labels": LABELS[language],
        "language": language,
        "languages": Language.choices,
    }
    return render(request, "consent/welcome.html", context, status=422 if form.errors else 200)


def training_page(request: HttpRequest, errors: dict[str, str] | None = None) -> HttpResponse:
    subject = subject_of(request.user)
    standing = standing_of(subject.user_id)
    language = language_of(request)
    notices = current_notices(language)
    # Who was refused finds the form as it was sent.
    choices = dict.fromkeys(errors or {}, request.POST.get("covers", ""))
    single_posts = purposes_of_single_posts(subject)
    context = {
        "purposes": [
            state_of(notices[purpose], standing, choices, errors or {}, single_posts) for purpose in Purpose.values
        ],
        "adult": standing.adult,
        "allows_crawling": subject.allows_crawling,
        "labels": LABELS[language],
        "language": language,
        "languages": Language.choices,
    }
    return render(request, "consent/training.html", context, status=422 if errors else 200)


def state_of(
    notice: Notice,
    standing: Standing,
    choices: dict[str, str],
    errors: dict[str, str],
    single_posts: Collection[str] = (),
) -> PurposeState:
    event = standing.account.get(notice.purpose)
    words = WORDS[notice.purpose, notice.language]
    covers = event.covers if event else ""
    return PurposeState(
        purpose=notice.purpose,
        name=words.name,
        summary=words.summary,
        text=notice.text,
        notice=str(notice),
        granted=standing.counts(event),
        outdated=event is not None and standing.is_outdated(event),
        since=event.at if event else None,
        covers=covers,
        choice=choices.get(notice.purpose, covers),
        error=errors.get(notice.purpose),
        single_posts=notice.purpose in single_posts,
    )


def language_of(request: HttpRequest) -> str:
    """Return the notices' language: the one asked for, that of last time, or the first that the browser likes."""
    asked = request.GET.get("lang") or request.POST.get("lang", "")
    if asked in Language.values:
        request.session["notice_language"] = asked
    kept = request.session.get("notice_language")
    return kept if kept in Language.values else liked_language(request)


def liked_language(request: HttpRequest) -> str:
    liked = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    return next((language for language in liked if language in Language.values), DEFAULT_LANGUAGE)


def said(event: ConsentEvent, single_posts: Collection[str]) -> str:
    name = Purpose(event.purpose).label
    if event.is_grant:
        return f"{name}: yes. Your public posts may be shared for this until you say no."
    if event.purpose in single_posts:
        return f"{name}: no. Single posts to which you said yes by themselves keep that answer."
    return f"{name}: no. From now on nothing of yours is given out for this."

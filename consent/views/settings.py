from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from common.ratelimits import rate_limited
from common.redirects import login_required_post, safe_next_url
from consent.ai_policy.crawlers import set_crawling_permission
from consent.default_notices import DEFAULT_NOTICES, NOTICE_LABELS
from consent.forms import DecisionForm, OnboardingForm
from consent.models import ConsentEvent, Language, Notice
from consent.notices import DEFAULT_LANGUAGE, current_notices
from consent.purposes import Purpose
from consent.selectors import ConsentStatus, get_consent_status, purposes_with_post_grants
from consent.services import (
    AgeAttestationRequiredError,
    get_or_create_subject,
    mark_prompted,
    record_age_attestation,
    record_decision,
    withdraw_all,
)

_decision_limit = rate_limited("decide", limit=60, seconds=300)


@dataclass(frozen=True, slots=True)
class _PurposeState:
    """One purpose on the settings page."""

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


@login_required_post
@_decision_limit
def decide_purpose(request: HttpRequest, purpose: str) -> HttpResponseBase:
    if purpose not in Purpose.values:
        raise Http404("No such purpose.")
    form = DecisionForm(request.POST, purpose=purpose)
    if not form.is_valid():
        return training_page(request, {purpose: str(next(iter(form.errors.values()))[0])})
    if form.cleaned_data["adult"]:
        record_age_attestation(user=request.user)
    try:
        event = record_decision(
            user=request.user,
            purpose=purpose,
            decision=form.cleaned_data["decision"],
            covers=form.cleaned_data["covers"],
            notice=form.cleaned_data["notice"],
            source=ConsentEvent.Source.SETTINGS,
        )
    except AgeAttestationRequiredError:
        return training_page(request, {purpose: NOTICE_LABELS[language_of(request)].adults_only})
    messages.success(
        request,
        success_message(event, purposes_with_post_grants(get_or_create_subject(request.user))),
    )
    return (
        redirect("consent:training")
        if event.is_grant
        else redirect("dataset_export:withdrawal_effects", purpose)
    )


@login_required_post
@_decision_limit
def withdraw_everything(request: HttpRequest) -> HttpResponseBase:
    with transaction.atomic():
        withdraw_all(user=request.user)
        set_crawling_permission(user=request.user, allows=False)
    messages.success(
        request,
        "You opted out of everything. None of your posts are used for AI training from now on, "
        "and your pages block training crawlers.",
    )
    return redirect("dataset_export:all_withdrawal_effects")


@login_required
@require_http_methods(["GET", "POST"])
@_decision_limit
def onboarding(request: HttpRequest) -> HttpResponse:
    """Prompt once after sign-up; skipping is final."""
    if request.method == "GET":
        asked = get_or_create_subject(request.user).asked_at is not None
        return (
            redirect(safe_next_url(request) or "consent:training")
            if asked
            else welcome_page(request, OnboardingForm())
        )
    form = OnboardingForm({} if "skip" in request.POST else request.POST)
    if not form.is_valid():
        return welcome_page(request, form)
    save_onboarding_answers(request, form)
    if form.answers():
        messages.success(
            request, "Your answers are noted. You can change them under “Training” on any day."
        )
    return redirect(safe_next_url(request) or "timeline:home")


@transaction.atomic
def save_onboarding_answers(request: HttpRequest, form: OnboardingForm) -> None:
    mark_prompted(user=request.user)
    if form.cleaned_data["adult"]:
        record_age_attestation(user=request.user)
    for purpose, decision in form.answers():
        record_decision(
            user=request.user,
            purpose=purpose,
            decision=decision,
            notice=form.cleaned_data[f"{purpose}_notice"],
            source=ConsentEvent.Source.SIGN_UP,
        )


def welcome_page(request: HttpRequest, form: OnboardingForm) -> HttpResponse:
    language = language_of(request)
    notices = current_notices(language)
    errors = {
        purpose: str(form.errors[purpose][0])
        for purpose in Purpose.values
        if purpose in form.errors
    }
    context = {
        "purposes": [
            get_purpose_state(
                notices[purpose], ConsentStatus(), {purpose: form.data.get(purpose, "")}, errors
            )
            for purpose in Purpose.values
        ],
        "form": form,
        "labels": NOTICE_LABELS[language],
        "language": language,
        "languages": Language.choices,
    }
    return render(request, "consent/onboarding.html", context, status=422 if form.errors else 200)


def training_page(request: HttpRequest, errors: dict[str, str] | None = None) -> HttpResponse:
    subject = get_or_create_subject(request.user)
    standing = get_consent_status(subject.user_id)
    language = language_of(request)
    notices = current_notices(language)
    # After an error the form is shown as it was sent.
    choices = dict.fromkeys(errors or {}, request.POST.get("covers", ""))
    single_posts = purposes_with_post_grants(subject)
    context = {
        "purposes": [
            get_purpose_state(notices[purpose], standing, choices, errors or {}, single_posts)
            for purpose in Purpose.values
        ],
        "adult": standing.adult,
        "allows_crawling": subject.allows_crawling,
        "labels": NOTICE_LABELS[language],
        "language": language,
        "languages": Language.choices,
    }
    return render(request, "consent/training.html", context, status=422 if errors else 200)


def get_purpose_state(
    notice: Notice,
    standing: ConsentStatus,
    choices: dict[str, str],
    errors: dict[str, str],
    single_posts: Collection[str] = (),
) -> _PurposeState:
    event = standing.account.get(notice.purpose)
    words = DEFAULT_NOTICES[notice.purpose, notice.language]
    covers = event.covers if event else ""
    return _PurposeState(
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
    """Return the notices' language: requested, used last time, or preferred by the browser."""
    asked = request.GET.get("lang") or request.POST.get("lang", "")
    if asked in Language.values:
        request.session["notice_language"] = asked
    kept = request.session.get("notice_language")
    return kept if kept in Language.values else preferred_language(request)


def preferred_language(request: HttpRequest) -> str:
    liked = [
        part.split(";")[0].strip()[:2].lower()
        for part in request.headers.get("Accept-Language", "").split(",")
    ]
    return next((language for language in liked if language in Language.values), DEFAULT_LANGUAGE)


def success_message(event: ConsentEvent, single_posts: Collection[str]) -> str:
    name = Purpose(event.purpose).label
    if event.is_grant:
        return f"{name}: yes. Your public posts may be shared for this until you say no."
    if event.purpose in single_posts:
        return f"{name}: no. Single posts to which you said yes by themselves keep that answer."
    return f"{name}: no. From now on nothing of yours is given out for this."

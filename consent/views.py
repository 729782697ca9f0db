from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from common.navigation import signed_in_act
from common.ratelimits import rate_limited
from consent.forms import DecisionForm
from consent.models import ConsentEvent
from consent.notices import WORDS, current_notice
from consent.purposes import Purpose
from consent.selectors import Decisions, account_decisions
from consent.services import NotAnAdult, attest_adult, decide, subject_of

ADULTS_ONLY = "Tick that you are 18 or older; without it nothing can be shared."


@dataclass(frozen=True, slots=True)
class PurposeState:
    """One purpose as the settings page shows it."""

    purpose: str
    name: str
    summary: str
    text: str
    granted: bool
    since: datetime | None
    covers: str
    choice: str
    error: str | None


@login_required
@require_safe
def training(request: HttpRequest) -> HttpResponse:
    return training_page(request)


@signed_in_act
@rate_limited("decide", limit=60, seconds=300)
def decide_purpose(request: HttpRequest, purpose: str) -> HttpResponseBase:
    if purpose not in Purpose.values:
        raise Http404("No such purpose.")
    form = DecisionForm(request.POST)
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
            notice=current_notice(purpose),
            source=ConsentEvent.Source.SETTINGS,
        )
    except NotAnAdult:
        return training_page(request, {purpose: ADULTS_ONLY})
    messages.success(request, said(event))
    return redirect("consent:training")


def training_page(request: HttpRequest, errors: dict[str, str] | None = None) -> HttpResponse:
    subject = subject_of(request.user)
    decisions = account_decisions(subject)
    # Who was refused finds the form as it was sent.
    choices = dict.fromkeys(errors or {}, request.POST.get("covers", ""))
    context = {
        "purposes": [state_of(purpose, decisions, choices, errors or {}) for purpose in Purpose.values],
        "adult": subject.adult_attested_at is not None,
        "any_granted": any(event.is_grant for event in decisions.values()),
    }
    return render(request, "consent/training.html", context, status=422 if errors else 200)


def state_of(purpose: str, decisions: Decisions, choices: dict[str, str], errors: dict[str, str]) -> PurposeState:
    event = decisions.get(purpose)
    covers = event.covers if event else ""
    return PurposeState(
        purpose=purpose,
        name=Purpose(purpose).label,
        summary=WORDS[purpose].summary,
        text=WORDS[purpose].text,
        granted=event is not None and event.is_grant,
        since=event.at if event else None,
        covers=covers,
        choice=choices.get(purpose, covers),
        error=errors.get(purpose),
    )


def said(event: ConsentEvent) -> str:
    name = Purpose(event.purpose).label
    if event.is_grant:
        return f"{name}: yes. Your public posts may be shared for this until you say no."
    return f"{name}: no. From now on nothing of yours is given out for this."

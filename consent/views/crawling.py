from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from common.ratelimits import rate_limited
from common.redirects import login_required_post
from common.urls import absolute_url
from consent.ai_policy.crawlers import MAX_LISTED, robots_rules, set_crawling_permission
from consent.ai_policy.middleware import NO_TRAINING_HEADERS, TRAINING_HEADERS, policy_url
from consent.models import Crawler
from consent.services import AgeAttestationRequiredError, record_age_attestation

# Crawlers look again within a day; withdrawals should not wait for a cache.
_fresh = cache_control(public=True, max_age=300)


class CrawlingForm(forms.Form):
    allows = forms.ChoiceField(choices=[("on", "Yes"), ("off", "No")])
    adult = forms.BooleanField(required=False)


@require_safe
@_fresh
def robots(request: HttpRequest) -> HttpResponse:
    context = {
        "rules": robots_rules(),
        "policy_url": policy_url(),
        "sitemap_url": absolute_url("/sitemap.xml"),
        "no_training": NO_TRAINING_HEADERS,
        "training": TRAINING_HEADERS,
    }
    return HttpResponse(
        render_to_string("consent/robots.txt", context), content_type="text/plain; charset=utf-8"
    )


@require_safe
@_fresh
def tdmrep(request: HttpRequest) -> JsonResponse:
    """Reserve text and data mining rights for the whole site; a page's own header overrides it."""
    return JsonResponse(
        [{"location": "/", "tdm-reservation": 1, "tdm-policy": policy_url()}], safe=False
    )


@require_safe
def ai_policy(request: HttpRequest) -> HttpResponse:
    context = {
        "crawlers": Crawler.objects.order_by("operator", "user_agent"),
        "no_training": NO_TRAINING_HEADERS,
        "training": TRAINING_HEADERS,
        "most_named": MAX_LISTED,
    }
    return render(request, "consent/ai_policy.html", context)


@login_required_post
@rate_limited("crawling", limit=60, seconds=300)
def crawling_settings(request: HttpRequest) -> HttpResponseBase:
    form = CrawlingForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose yes or no.")
        return back_to_crawling_settings()
    allows = form.cleaned_data["allows"] == "on"
    if allows and form.cleaned_data["adult"]:
        record_age_attestation(user=request.user)
    try:
        set_crawling_permission(user=request.user, allows=allows)
    except AgeAttestationRequiredError:
        messages.error(request, "Confirm you’re 18 or older to open your pages.")
        return back_to_crawling_settings()
    messages.success(request, SUCCESS_MESSAGES[allows])
    return back_to_crawling_settings()


SUCCESS_MESSAGES = {
    True: "From now on your pages tell crawlers that they may be used for training AI.",
    False: "From now on your pages tell crawlers that they may not be used for training AI.",
}


def back_to_crawling_settings() -> HttpResponse:
    response = redirect("consent:training")
    response["Location"] += "#crawling"
    return response

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from common.addresses import absolute
from common.navigation import signed_in_act
from common.ratelimits import rate_limited
from consent.crawlers import MOST_NAMED, robots_rules, set_crawling
from consent.models import Crawler
from consent.services import NotAnAdult, attest_adult
from consent.web_policy import NO_TRAINING, TRAINING, policy_url

# Crawlers look again after a day at the latest; a change of mind should not wait for a cache of ours.
fresh = cache_control(public=True, max_age=300)


class CrawlingForm(forms.Form):
    allows = forms.ChoiceField(choices=[("on", "Yes"), ("off", "No")])
    adult = forms.BooleanField(required=False)


@require_safe
@fresh
def robots(request: HttpRequest) -> HttpResponse:
    context = {
        "rules": robots_rules(),
        "policy_url": policy_url(),
        "sitemap_url": absolute("/sitemap.xml"),
        "no_training": NO_TRAINING,
        "training": TRAINING,
    }
    return HttpResponse(render_to_string("consent/robots.txt", context), content_type="text/plain; charset=utf-8")


@require_safe
@fresh
def tdmrep(request: HttpRequest) -> JsonResponse:
    """Reserve the rights to text and data mining for the whole site; a page's own header goes before this."""
    return JsonResponse([{"location": "/", "tdm-reservation": 1, "tdm-policy": policy_url()}], safe=False)


@require_safe
def ai_policy(request: HttpRequest) -> HttpResponse:
    context = {
        "crawlers": Crawler.objects.order_by("operator", "user_agent"),
        "no_training": NO_TRAINING,
        "training": TRAINING,
        "most_named": MOST_NAMED,
    }
    return render(request, "consent/ai_policy.html", context)


@signed_in_act
@rate_limited("crawling", limit=60, seconds=300)
def crawling(request: HttpRequest) -> HttpResponseBase:
    form = CrawlingForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose yes or no.")
        return back()
    allows = form.cleaned_data["allows"] == "on"
    if allows and form.cleaned_data["adult"]:
        attest_adult(user=request.user)
    try:
        set_crawling(user=request.user, allows=allows)
    except NotAnAdult:
        messages.error(request, "Tick that you are 18 or older; without it your pages stay closed.")
        return back()
    messages.success(request, SAID[allows])
    return back()


SAID = {
    True: "From now on your pages tell crawlers that they may be used for training AI.",
    False: "From now on your pages tell crawlers that they may not be used for training AI.",
}


def back() -> HttpResponse:
    response = redirect("consent:training")
    response["Location"] += "#crawling"
    return response

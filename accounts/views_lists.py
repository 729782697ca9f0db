"""A person's own lists of people, which nobody else sees."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import selectors, services
from accounts.forms import ListForm, MembershipForm
from accounts.models import ListMember, PeopleList, User
from accounts.views import person_for, signed_in
from common.navigation import signed_in_act
from common.pagination import paginate
from common.ratelimits import rate_limited

list_limit = rate_limited("list", limit=600, seconds=3600)


@login_required
@require_http_methods(["GET", "POST"])
@list_limit
def lists(request: HttpRequest) -> HttpResponseBase:
    owner = signed_in(request)
    form = ListForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.create_list(owner=owner, **form.cleaned_data)
        except services.CannotList as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"The list “{made.title}” is made.")
            return redirect("accounts:list_members", made.pk)
    context = {"lists": selectors.lists_of(owner).order_by("title", "pk"), "form": form}
    return render(request, "accounts/lists.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@list_limit
def edit_list(request: HttpRequest, list_id: int) -> HttpResponseBase:
    people_list = own_list(request, list_id)
    form = ListForm(request.POST or None, instance=people_list)
    if form.is_valid():
        services.change_list(people_list=people_list, **form.cleaned_data)
        messages.success(request, "The list is changed.")
        return redirect("accounts:list_members", people_list.pk)
    context = {"list": people_list, "form": form}
    return render(request, "accounts/edit_list.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@list_limit
def delete_list(request: HttpRequest, list_id: int) -> HttpResponseBase:
    people_list = own_list(request, list_id)
    if request.method == "GET":
        return render(request, "accounts/delete_list.html", {"list": people_list})
    services.delete_list(people_list=people_list)
    messages.success(request, f"The list “{people_list.title}” is deleted.")
    return redirect("accounts:lists")


@login_required
@require_safe
def list_members(request: HttpRequest, list_id: int) -> HttpResponse:
    people_list = own_list(request, list_id)
    page = paginate(selectors.members_of(people_list), request)
    return render(request, "accounts/list_members.html", {"list": people_list, "page": page})


@signed_in_act
@list_limit
def leave_list(request: HttpRequest, list_id: int, username: str) -> HttpResponseBase:
    people_list = own_list(request, list_id)
    member = get_object_or_404(selectors.named(User.objects.all(), username))
    services.leave_list(people_list=people_list, member=member)
    messages.success(request, f"@{member.username} is no longer in “{people_list.title}”.")
    return redirect("accounts:list_members", people_list.pk)


@login_required
@require_http_methods(["GET", "POST"])
@list_limit
def person_lists(request: HttpRequest, username: str) -> HttpResponseBase:
    """Choose the lists that somebody is in."""
    owner, member = signed_in(request), person_for(request, username)
    own = list(PeopleList.objects.filter(owner=owner).order_by("title", "pk"))
    present = ListMember.objects.filter(list__owner=owner, member=member).values_list("list_id", flat=True)
    data = request.POST if request.method == "POST" else None
    form = MembershipForm(data, own=own, initial={"lists": list(present)})
    if form.is_valid():
        try:
            services.put_into_lists(owner=owner, member=member, lists=form.cleaned_data["lists"])
        except services.CannotList as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Your lists are kept.")
            return redirect(member)
    context = {"profile": member, "form": form, "lists": own}
    return render(request, "accounts/person_lists.html", context, status=422 if form.errors else 200)


def own_list(request: HttpRequest, list_id: int) -> PeopleList:
    return get_object_or_404(PeopleList.objects.select_related("owner"), pk=list_id, owner=signed_in(request))

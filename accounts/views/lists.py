"""Views of a user's own lists."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import selectors, services
from accounts.forms import ListForm, MembershipForm
from accounts.models import ListMember, User, UserList
from accounts.views.profile import current_user, get_visible_user_or_404
from common.pagination import paginate
from common.ratelimits import rate_limited
from common.redirects import login_required_post

list_limit = rate_limited("list", limit=600, seconds=3600)


@login_required
@require_http_methods(["GET", "POST"])
@list_limit
def lists(request: HttpRequest) -> HttpResponseBase:
    owner = current_user(request)
    form = ListForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.create_list(owner=owner, **form.cleaned_data)
        except services.UserListError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"List “{made.title}” created.")
            return redirect("accounts:list_members", made.pk)
    context = {"lists": selectors.user_lists_of(owner).order_by("title", "pk"), "form": form}
    return render(request, "accounts/lists.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@list_limit
def edit_list(request: HttpRequest, list_id: int) -> HttpResponseBase:
    people_list = own_list(request, list_id)
    form = ListForm(request.POST or None, instance=people_list)
    if form.is_valid():
        services.update_list(people_list=people_list, **form.cleaned_data)
        messages.success(request, "List updated.")
        return redirect("accounts:list_members", people_list.pk)
    context = {"list": people_list, "form": form}
    return render(request, "accounts/edit_list.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@list_limit
def remove_list(request: HttpRequest, list_id: int) -> HttpResponseBase:
    people_list = own_list(request, list_id)
    if request.method == "GET":
        return render(request, "accounts/delete_list.html", {"list": people_list})
    services.delete_list(people_list=people_list)
    messages.success(request, f"List “{people_list.title}” deleted.")
    return redirect("accounts:lists")


@login_required
@require_safe
def list_members(request: HttpRequest, list_id: int) -> HttpResponse:
    people_list = own_list(request, list_id)
    page = paginate(selectors.members_of(people_list), request)
    return render(request, "accounts/list_members.html", {"list": people_list, "page": page})


@login_required_post
@list_limit
def remove_member(request: HttpRequest, list_id: int, username: str) -> HttpResponseBase:
    people_list = own_list(request, list_id)
    member = get_object_or_404(selectors.by_username(User.objects.all(), username))
    services.remove_from_list(people_list=people_list, member=member)
    messages.success(request, f"@{member.username} is no longer in “{people_list.title}”.")
    return redirect("accounts:list_members", people_list.pk)


@login_required
@require_http_methods(["GET", "POST"])
@list_limit
def edit_memberships(request: HttpRequest, username: str) -> HttpResponseBase:
    """Choose the lists that a user is in."""
    owner, member = current_user(request), get_visible_user_or_404(request, username)
    own = list(UserList.objects.filter(owner=owner).order_by("title", "pk"))
    present = ListMember.objects.filter(list__owner=owner, member=member).values_list(
        "list_id", flat=True
    )
    data = request.POST if request.method == "POST" else None
    form = MembershipForm(data, own=own, initial={"lists": list(present)})
    if form.is_valid():
        try:
            services.set_list_memberships(
                owner=owner, member=member, lists=form.cleaned_data["lists"]
            )
        except services.UserListError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Lists saved.")
            return redirect(member)
    context = {"profile": member, "form": form, "lists": own}
    return render(
        request, "accounts/list_memberships.html", context, status=422 if form.errors else 200
    )


def own_list(request: HttpRequest, list_id: int) -> UserList:
    return get_object_or_404(
        UserList.objects.select_related("owner"), pk=list_id, owner=current_user(request)
    )

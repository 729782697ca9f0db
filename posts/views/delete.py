from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.views.profile import current_user
from common.ratelimits import rate_limited
from posts import services
from posts.models import Post


@login_required
@require_http_methods(["GET", "POST"])
@rate_limited("delete", limit=300, seconds=1800)
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(
        Post.objects.with_card_data(request.user), pk=post_id, author=current_user(request)
    )
    if request.method == "GET":
        return render(request, "posts/delete.html", {"post": post})
    services.delete_post(post=post)
    messages.success(request, "Post deleted.")
    return redirect("timeline:home")

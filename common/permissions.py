from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


def has_scope(scope: str) -> type[BasePermission]:
    """Return a permission class that requires a token scope."""

    class HasScope(BasePermission):
        message = f"This token may not do that: it lacks the scope “{scope}”."

        def has_permission(self, request: Request, view: APIView) -> bool:
            return scope in getattr(request.auth, "scopes", ())

    return HasScope

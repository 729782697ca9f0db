from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from consent.api.decisions import KEY_PARAMETER, ConsentView, create_decision_response
from consent.api.serializers import EventSerializer, PostDecisionSerializer
from consent.models import ConsentEvent
from posts.models import Post
from posts.presentation.training_status import ineligibility_reason

_Decision, _Covers = ConsentEvent.Decision, ConsentEvent.Covers


class Training(ConsentView):
    @extend_schema(
        operation_id="post_training_decide",
        parameters=[KEY_PARAMETER],
        request=PostDecisionSerializer,
        responses={200: EventSerializer},
    )
    def post(self, request: Request, post_id: int) -> Response:
        """Record a decision for one of the user's posts; `cleared` returns to the account's
        setting.
        """
        post = get_object_or_404(Post.objects.without_reposts(), pk=post_id, author=request.user)
        asked = PostDecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        refusal = ineligibility_reason(post)
        if refusal is not None and asked.validated_data["decision"] == _Decision.GRANTED:
            raise ValidationError({"decision": [refusal]})
        return create_decision_response(
            request, {**asked.validated_data, "covers": _Covers.EVERYTHING}, post_id=post.pk
        )

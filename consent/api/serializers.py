from typing import Any

from django.urls import reverse
from rest_framework import serializers

from consent.models import ConsentEvent, Notice
from consent.notices import current_notice, find_notice, is_superseded
from consent.purposes import Purpose

_Decision, _Covers = ConsentEvent.Decision, ConsentEvent.Covers
ACCOUNT_DECISIONS = [choice for choice in _Decision.choices if choice[0] != _Decision.CLEARED]


class NoticeSerializer(serializers.ModelSerializer):
    name = serializers.CharField(
        source="__str__", help_text="purpose/version/language, as a decision names it."
    )
    sha256 = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = [
            "name",
            "purpose",
            "version",
            "language",
            "text",
            "sha256",
            "is_material",
            "published_at",
        ]

    def get_sha256(self, notice: Notice) -> str:
        return bytes(notice.text_sha256).hex()


class NoticeReferenceSerializer(NoticeSerializer):
    """A notice without its text."""

    class Meta(NoticeSerializer.Meta):
        fields = ["name", "version", "language", "sha256"]


class EventSerializer(serializers.ModelSerializer):
    # 64-bit ids exceed the numbers of many JSON parsers.
    post_id = serializers.CharField(allow_null=True)
    notice = NoticeReferenceSerializer()
    receipt = serializers.SerializerMethodField(help_text="The address of the signed receipt.")

    class Meta:
        model = ConsentEvent
        fields = [
            "position",
            "at",
            "scope",
            "post_id",
            "purpose",
            "decision",
            "covers",
            "notice",
            "source",
            "app",
            "receipt",
        ]

    def get_receipt(self, event: ConsentEvent) -> str:
        path = reverse("consent:api-receipt", args=[event.position])
        return str(self.context["request"].build_absolute_uri(path))


class PurposeStateSerializer(serializers.Serializer):
    """State of one purpose; all but `purpose`, `granted` and `outdated` are null until it is
    decided.
    """

    purpose = serializers.ChoiceField(Purpose.choices)
    granted = serializers.BooleanField(help_text="Posts are shared for this purpose at present.")
    outdated = serializers.BooleanField(
        help_text="There was a yes, to words that have changed materially since."
    )
    since = serializers.DateTimeField(source="event.at", default=None, allow_null=True)
    covers = serializers.ChoiceField(
        _Covers.choices, source="event.covers", default=None, allow_null=True
    )
    notice = NoticeReferenceSerializer(source="event.notice", default=None, allow_null=True)
    position = serializers.IntegerField(source="event.position", default=None, allow_null=True)


class StateSerializer(serializers.Serializer):
    adult = serializers.BooleanField(
        help_text="The person has said to be 18 or older; no yes counts without it."
    )
    allows_crawling = serializers.BooleanField()
    purposes = PurposeStateSerializer(many=True)


class PostDecisionSerializer(serializers.Serializer):
    """A decision for one post."""

    purpose = serializers.ChoiceField(Purpose.choices)
    decision = serializers.ChoiceField(_Decision.choices)
    notice = serializers.CharField(
        required=False,
        max_length=60,
        help_text="The notice that was on the screen; a yes needs the current one.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Replace the name of a notice by the notice."""
        name = data.pop("notice", None)
        if name is None:
            return {**data, "notice": resolve_optional_notice(data)}
        notice = find_notice(name)
        if notice is None or notice.purpose != data["purpose"]:
            raise serializers.ValidationError(
                {"notice": ["There is no such notice for this purpose."]}
            )
        if is_superseded(notice) and data["decision"] == _Decision.GRANTED:
            raise serializers.ValidationError(
                {"notice": ["This notice was replaced. Show the person the current one."]}
            )
        return {**data, "notice": notice}


class AccountDecisionSerializer(PostDecisionSerializer):
    """A decision for the whole account."""

    decision = serializers.ChoiceField(ACCOUNT_DECISIONS)
    covers = serializers.ChoiceField(
        _Covers.choices,
        default=_Covers.FROM_NOW,
        help_text="What a yes reaches: all so far too, or from now on.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if "post_id" in self.initial_data:
            raise serializers.ValidationError(
                {"post_id": ["Decide for one post at /api/v1/posts/<id>/training."]}
            )
        return super().validate(data)


def resolve_optional_notice(data: dict[str, Any]) -> Notice:
    """Return the notice of a withdrawal, which needs none."""
    if data["decision"] == _Decision.GRANTED:
        raise serializers.ValidationError(
            {"notice": ["A yes needs the name of the notice that was on the screen."]}
        )
    return current_notice(data["purpose"])

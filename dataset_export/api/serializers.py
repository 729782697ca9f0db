from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dataset_export.eligibility import ordered_shards
from dataset_export.models import Shard, Snapshot


class ShardSerializer(serializers.ModelSerializer):
    bytes = serializers.IntegerField(source="size")

    class Meta:
        model = Shard
        fields = ["path", "format", "split", "rows", "bytes", "sha256"]


class SnapshotSerializer(serializers.ModelSerializer):
    revision = serializers.IntegerField(source="version", read_only=True)
    rows = serializers.SerializerMethodField()

    class Meta:
        model = Snapshot
        fields = ["name", "revision", "purpose", "rows", "published_at"]

    def get_rows(self, snapshot: Snapshot) -> int:
        manifest = snapshot.manifest
        by_split = manifest.get("configurations", {"posts": {"train": manifest["counts"]["kept"]}})
        return sum(rows for splits in by_split.values() for rows in splits.values())


class SnapshotDetailSerializer(SnapshotSerializer):
    files = serializers.SerializerMethodField()

    class Meta(SnapshotSerializer.Meta):
        fields = [*SnapshotSerializer.Meta.fields, "files"]

    @extend_schema_field(ShardSerializer(many=True))
    def get_files(self, snapshot: Snapshot) -> list[dict[str, object]]:
        return list(ShardSerializer(ordered_shards(snapshot), many=True).data)

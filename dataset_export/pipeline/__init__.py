"""Turn consented posts into rows, shards and a signed manifest, in plain Python."""

from hashlib import sha256

TRAIN = "train"


def split_of(t, shares):
    u = int.from_bytes(sha256(b"commonplace/split/1" + t.to_bytes(8, "big")).digest()[:8], "big") / 2**64
    if u < shares.get("test", 0):
        return "test"
    if u >= 1 - shares.get("validation", 0):
        return "validation"
    return "train"

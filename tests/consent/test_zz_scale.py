import time, resource
from consent.log.checkpoints import sign_checkpoint
from consent.log.verification import Verification
from consent.log import tiles, merkle
from tests.consent.ledger import fill
from tests.factories import grant


def test_scale(alice, client):
    t = time.time()
    for n in range(2000, 40001, 2000):
        fill(alice, n)
    print("fill", time.time() - t)
    t = time.time()
    c = sign_checkpoint()
    print("sign 40k", time.time() - t)
    fill(alice, 40100)
    t = time.time()
    c = sign_checkpoint()
    print("sign +100", time.time() - t)
    r0 = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    t = time.time()
    v = Verification()
    assert list(v.problems()) == []
    d = time.time() - t
    print(
        "verify",
        v.events,
        d,
        v.events / d,
        "rss +",
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - r0,
        "KiB of",
        r0,
    )
    for p in ("0/100", "1/000.p/156", "entries/100"):
        ts = []
        for _ in range(20):
            t = time.perf_counter()
            assert client.get(f"/log/tile/{p}").status_code == 200
            ts.append(time.perf_counter() - t)
        print(p, sorted(ts)[10] * 1000, "ms")
    client.force_login(alice)
    t = time.time()
    n = len(b"".join(client.get("/settings/data/receipts.jsonl")).splitlines()[:])
    print("receipts", n, time.time() - t)

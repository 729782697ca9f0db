"""A crowd of made-up people: what they are called, whom they follow, how much each of them writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

MAX_FOLLOWS = 50
# Zipf's exponents. Fame is steeper than zeal: few are read by nearly all, many write.
FAME = 1.1
ZEAL = 0.8

FIRST = (
    "amber ashen autumn bold brisk calm clever copper curious dappled early eager fabled faded gentle golden "
    "hazel hidden humble idle jolly keen late lively lucky merry mossy nimble olive paper patient plain quiet "
    "rainy restless rusty silver sleepy sly snowy steady sunny tidal velvet wandering winter wry"
)
SECOND = (
    "acorn badger beacon birch bramble canal chapel clover comet cricket dune ember fern finch garden harbour "
    "heron hill ivy juniper kettle kite lantern lark linden magpie maple meadow mill moth otter pebble pine "
    "plover quill raven reed robin sail sparrow spruce starling thistle tram walnut willow wren"
)
NAMES = [f"{first} {second}" for first in FIRST.split() for second in SECOND.split()]


@dataclass(frozen=True, slots=True)
class Crowd:
    """People by their ids, the most famous and most zealous first."""

    ranked: list[int]
    random: Random

    def follows(self) -> Iterator[tuple[int, int]]:
        """Yield who follows whom: nobody themselves, nobody twice."""
        weights = zipf(len(self.ranked), FAME)
        # Fewer in a small crowd, or else everybody would follow everybody.
        most = min(MAX_FOLLOWS, max(2, len(self.ranked) // 10))
        for follower in self.ranked:
            draws = self.random.choices(
                self.ranked, cum_weights=weights, k=self.random.randint(1, most)
            )
            picked = dict.fromkeys(draws)
            yield from ((follower, followed) for followed in picked if followed != follower)

    def authors(self) -> Iterator[int]:
        """Yield an author for each post, for ever."""
        weights = zipf(len(self.ranked), ZEAL)
        while True:
            yield from self.random.choices(self.ranked, cum_weights=weights, k=1000)


def gather(ids: list[int], random: Random) -> Crowd:
    return Crowd(random.sample(ids, len(ids)), random)


def zipf(size: int, exponent: float) -> list[float]:
    """Return running sums of 1 / rank^exponent, as `Random.choices` takes them."""
    return list(accumulate(rank**-exponent for rank in range(1, size + 1)))

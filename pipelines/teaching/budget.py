"""Kernel: how much an endpoint may be asked, and how fast."""

import threading
import time

from pipelines.teaching.config import EndpointConfig
from pipelines.teaching.teacher import BudgetSpent, Cost


class Budget:
    """Requests and money of one run; any thread may ask.

    Money is held to what the dearest answer so far would cost for every request under way, so that only the first few
    answers of a run, at most `concurrency`, can pass `max_cost`.

    Args:
        spent: what the run had paid before, in a process that is gone.
    """

    def __init__(self, config: EndpointConfig, spent: Cost) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._requests = spent.requests
        self._paid = price(spent, config)
        self._dearest = self._paid / spent.requests if spent.requests else 0.0
        self._under_way = 0

    def take(self) -> None:
        """One more request is under way.

        Raises:
            BudgetSpent: the run has had all that it may.
        """
        with self._lock:
            if self._requests >= self._config.max_requests:
                raise BudgetSpent(f"max_requests ({self._config.max_requests}) is used up")
            reserved = self._paid + (self._under_way + 1) * self._dearest
            if self._config.max_cost is not None and max(self._paid, reserved) > self._config.max_cost:
                raise BudgetSpent(f"max_cost ({self._config.max_cost:g}) is used up; {self._paid:.4f} was paid")
            self._requests += 1
            self._under_way += 1

    def settle(self, cost: Cost) -> None:
        """A request is over and has cost this."""
        paid = price(cost, self._config)
        with self._lock:
            self._under_way -= 1
            self._paid += paid
            self._dearest = max(self._dearest, paid)


class Pace:
    """Requests start at least a minute's share apart; any thread may wait."""

    def __init__(self, per_minute: int) -> None:
        self._gap = 60 / per_minute
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Return when it is this request's turn."""
        with self._lock:
            start = max(self._next, time.monotonic())
            self._next = start + self._gap
        time.sleep(max(0.0, start - time.monotonic()))


def price(cost: Cost, config: EndpointConfig) -> float:
    """What the tokens cost at the configured prices."""
    return (cost.input_tokens * config.input_price + cost.output_tokens * config.output_price) / 1e6

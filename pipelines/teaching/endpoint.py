"""Kernel: an OpenAI-compatible chat endpoint, asked again while it is busy, broken or silent."""

import datetime
import email.utils
from collections.abc import Mapping, Sequence

import httpx2 as httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pipelines.teaching.budget import Budget, Pace
from pipelines.teaching.config import EndpointConfig
from pipelines.teaching.replies import Reply
from pipelines.teaching.teacher import Cost
from schemas.errors import ArtifactError

_BUSY = {408, 409, 425, 429, 500, 502, 503, 504, 529}
_REFUSED = {400, 413, 422}  # this request, not every one: too long for the model, or filtered
_HINTS = {401: "check api_key", 403: "check api_key", 404: "check endpoint and model"}


class Refused(Exception):
    """Raised when the endpoint does not take this one request."""


class _Busy(Exception):
    """Raised when the same request may succeed later."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait  # seconds that the endpoint asks for


class Endpoint:
    """The endpoint of one configuration; any thread may ask."""

    def __init__(self, config: EndpointConfig, budget: Budget) -> None:
        self._config = config
        self._budget = budget
        self._pace = Pace(config.requests_per_minute)
        key = config.api_key.get_secret_value() if config.api_key else ""
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=config.timeout_seconds,
            limits=httpx.Limits(max_connections=config.concurrency),
        )

    def ask(self, messages: Sequence[Mapping[str, str]]) -> Reply:
        """The endpoint's reply, well-formed or not.

        Raises:
            ArtifactError: it refuses every request, or does not answer after all attempts.
            BudgetSpent: the run may not ask any more.
            Refused: it does not take this request.
        """
        body = {
            "model": self._config.model,
            "messages": list(messages),
            "temperature": 0,
            "max_tokens": self._config.max_answer_tokens,
            **({"logprobs": True, "top_logprobs": 10} if self._config.logprobs else {}),
        }
        again = Retrying(
            retry=retry_if_exception_type(_Busy),
            stop=stop_after_attempt(self._config.attempts),
            wait=self._wait,
            reraise=True,
        )
        try:
            return again(self._send, body)
        except _Busy as error:
            raise ArtifactError(
                f"{self._config.endpoint} says {error} after {self._config.attempts} attempts; try again later"
            ) from None

    def _send(self, body: Mapping[str, object]) -> Reply:
        self._pace.wait()
        self._budget.take()
        cost = Cost()
        try:
            response = self._client.post(f"{self._config.endpoint.rstrip('/')}/chat/completions", json=body)
            self._check(response)
            reply = Reply.of(response.content)
            cost = reply.cost
        except httpx.TransportError as error:
            raise _Busy(f"nothing ({type(error).__name__})") from None
        finally:
            self._budget.settle(cost)
        if self._config.max_cost is not None and not cost.input_tokens:
            raise ArtifactError(f"{self._config.endpoint} reports no usage, so max_cost cannot be held")
        return reply

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in _BUSY:
            raise _Busy(str(status), _asked_wait(response.headers.get("retry-after", "")))
        if status in _REFUSED:
            raise Refused(f"http {status}")
        if not response.is_success:
            raise ArtifactError(f"{self._config.endpoint} says {status}; {_HINTS.get(status, 'it cannot be asked')}")

    def _wait(self, state: RetryCallState) -> float:
        longest, first = self._config.max_wait_seconds, self._config.first_wait_seconds
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, _Busy) else None
        if asked is not None and asked > longest:
            raise ArtifactError(f"{self._config.endpoint} asks to wait {asked:.0f} s; try again then") from None
        backed_off = wait_exponential_jitter(initial=first, max=longest, jitter=first)(state)
        return max(backed_off, asked or 0.0)


def _asked_wait(header: str) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None when it says neither.

    >>> _asked_wait("7"), _asked_wait("Fri, 02 Nov 2001 07:28:00 GMT"), _asked_wait("soon")
    (7.0, 0.0, None)
    """
    if header.strip().isdigit():
        return float(header)
    try:
        until = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())

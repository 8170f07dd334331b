"""How does the real ``stripe`` client reach a stand-in in the same process, without a port?"""

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

import stripe
from flask import Flask

from offset.sandbox.stripe.api import PATIENCE

_SECONDS: Final = 20.0


def _broken(message: str) -> stripe.APIConnectionError:
    fault: stripe.APIConnectionError = stripe.APIConnectionError(message)  # type: ignore[no-untyped-call] # the package leaves its constructor untyped
    fault.should_retry = True
    return fault


class InProcess(stripe.HTTPClient):
    """An HTTP client for ``StripeClient(http_client=…)`` that calls the stand-in directly."""

    name = "in process"

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Answer one request.

        Raises
        ------
        stripe.APIConnectionError
            When the fault panel breaks the connection, or is silent for too long.
        """
        parts = urlsplit(url)
        try:
            with self._app.test_client() as client:
                answer = client.open(
                    parts.path,
                    method=method.upper(),
                    base_url=f"{parts.scheme}://{parts.netloc}",
                    query_string=parts.query,
                    headers=dict(headers or {}),
                    data=post_data,
                    environ_overrides={PATIENCE: _SECONDS},
                )
        except (ConnectionError, TimeoutError) as fault:
            raise _broken(str(fault)) from fault
        return (
            answer.get_data(as_text=True),
            answer.status_code,
            cast("Mapping[str, str]", answer.headers),
        )

    def _sleep_time_seconds(self, num_retries: int) -> float:
        """Try again at once: nobody's network needs a rest."""
        del num_retries
        return 0.0

    def close(self) -> None:
        """Close nothing: no connection was opened."""

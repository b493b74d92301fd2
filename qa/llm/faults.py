"""Whatever openai, httpx, json or llama-index raise, made one documented error: what, where, what to do, and no secret."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpcore
import httpx
import openai

from pullquote.index.errors import (
    ModelError,
    ModelReplyUnusable,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnreachable,
    PullquoteError,
    Stopped,
)
from pullquote.qa.llm.deadline import Deadline, ruled_by
from pullquote.qa.llm.place import Place, ReportedError, Unusable
from pullquote.qa.llm.refusals import refusal, reported, retry_after_s

_AT_DEADLINE_S = 0.3  # a time-out so close to the deadline is the deadline
T = TypeVar("T")
Handler = Callable[[Any, Place], ModelError]


def as_model_error(error: Exception, place: Place, deadline: Deadline | None = None) -> ModelError:
    """Return the documented error for whatever went wrong between here and the model; one of ours as it is."""
    if isinstance(error, ModelError):
        return error
    kind = next((known for known in type(error).__mro__ if known in KNOWN), Exception)
    if KNOWN[kind] is _slow and deadline is not None and deadline.left_s < _AT_DEADLINE_S:
        return timeout(place, deadline)
    return KNOWN[kind](error, place)


def guarded(step: Callable[[], T], place: Place, deadline: Deadline) -> T:
    """Take a step that talks to a model.

    Raises:
        ModelError: whatever it raised, without a trace of the cause, which holds the request and with it the key.
        Stopped: the deadline was ended early.
    """
    try:
        with ruled_by(deadline):
            return step()
    except Stopped:
        raise
    except Exception as error:
        fault = as_model_error(error, place, deadline)
    deadline.check()
    fault.__cause__ = fault.__context__ = None
    raise fault


def timeout(place: Place, deadline: Deadline) -> ModelTimeout:
    """Return the error for a deadline that has passed."""
    what = f"did not finish within {deadline.seconds:.3g} s"
    return ModelTimeout(place.say(what, "raise PULLQUOTE_DEADLINE_S, or use a faster model"))


def _status(error: openai.APIStatusError, place: Place) -> ModelError:
    body = error.body if isinstance(error.body, Mapping) else {"message": error.body}
    return refusal(error.status_code, body, place, retry_after_s(error.response.headers.get("retry-after")))


def _reported(error: ReportedError, place: Place) -> ModelError:
    return reported(error.body, place)


def _api_error(error: openai.APIError, place: Place) -> ModelError:
    return reported(ReportedError(error.body or error.message).body, place)


def _connection(error: Exception, place: Place) -> ModelError:
    """Say what is at the bottom of it: openai only says that there was a connection error."""
    cause: BaseException = error
    while not isinstance(cause, (Unusable, ModelError)) and (deeper := cause.__cause__ or cause.__context__) is not None:
        cause = deeper
    if isinstance(cause, Unusable):
        return _unusable(cause, place)
    if isinstance(cause, ModelError):
        return cause
    if isinstance(cause, ssl.SSLError):
        fault = ModelUnreachable(
            place.say(f"has no valid certificate ({_reason(cause)})", "check OPENAI_BASE_URL, or SSL_CERT_FILE")
        )
        fault.retryable = False
        return fault
    return ModelUnreachable(place.say(f"cannot be reached ({_reason(cause)})", "check OPENAI_BASE_URL and that the server runs"))


def _reason(cause: BaseException) -> str:
    return getattr(cause, "verify_message", "") or getattr(cause, "strerror", "") or str(cause) or type(cause).__name__


def _unusable(error: Unusable, place: Place) -> ModelError:
    fault = ModelReplyUnusable(place.say(error.what, error.remedy))
    fault.retryable = error.retryable
    return fault


def _misused(error: Exception, place: Place) -> ModelError:
    return ModelRequestRefused(place.say(f"was not asked ({type(error).__name__})", "check the settings of the model"))


def _slow(_: Exception, place: Place) -> ModelError:
    return ModelUnreachable(place.say("did not answer in time", "try again later, or check OPENAI_BASE_URL"))


def _own(error: PullquoteError, place: Place) -> ModelError:
    return ModelRequestRefused(place.say("was not asked", str(error)[:100]))


def _always(what: str, remedy: str, retryable: bool = False) -> Handler:
    return lambda _, place: _unusable(Unusable(what, remedy, retryable), place)


_no_reply = _always("sent a reply that is no chat completion", "check that OPENAI_BASE_URL is an OpenAI-compatible server's")

KNOWN: dict[type[BaseException], Handler] = {
    Unusable: _unusable,
    ReportedError: _reported,
    PullquoteError: _own,
    # openai: every public class by itself, so that a new one is noticed
    openai.OpenAIError: _misused,
    openai.APIError: _api_error,
    openai.APIStatusError: _status,
    openai.BadRequestError: _status,
    openai.AuthenticationError: _status,
    openai.OAuthError: _status,
    openai.PermissionDeniedError: _status,
    openai.NotFoundError: _status,
    openai.ConflictError: _status,
    openai.UnprocessableEntityError: _status,
    openai.RateLimitError: _status,
    openai.InternalServerError: _status,
    openai.APIConnectionError: _connection,
    openai.APITimeoutError: _slow,
    openai.APIResponseValidationError: _no_reply,
    openai.LengthFinishReasonError: _always("used up its tokens before it had said anything", "use another model"),
    openai.ContentFilterFinishReasonError: _always("withheld its reply (content filter)", "ask differently, or another model"),
    openai.InvalidWebhookSignatureError: _misused,
    openai.WebSocketConnectionClosedError: _connection,
    openai.WebSocketQueueFullError: _connection,
    # the layers under it
    httpx.HTTPError: _connection,
    httpx.TimeoutException: _slow,
    httpx.InvalidURL: _misused,
    httpx.StreamError: _connection,
    httpcore.TimeoutException: _slow,
    httpcore.NetworkError: _connection,
    httpcore.ProtocolError: _connection,
    httpcore.ProxyError: _connection,
    TimeoutError: _slow,
    OSError: _connection,
    # what foreign code stumbles over when the reply is none
    json.JSONDecodeError: _always("sent a reply that is not whole JSON", "try again", retryable=True),
    Exception: _no_reply,
}
"""What each class of exception becomes; a class that is not named becomes what its nearest ancestor does."""

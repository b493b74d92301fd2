"""Every error a caller can meet; each knows its exit code.

* ``PullquoteError``
    * ``UsageError`` (2): the request itself is wrong
        * ``SettingsError``
        * ``QuestionError``
    * ``ItemError`` (3): one article could not be read or stored; the others were
    * ``StoreError`` (4): the store cannot be used as it is
        * ``StoreMissing``
        * ``NotAStore``
        * ``StoreBusy``
        * ``StoreForked``
        * ``StoreModelMismatch``
        * ``StoreTooNew``
        * ``StoreDamaged``
        * ``StoreUnwritable``
        * ``IndexDamaged``
    * ``ModelError`` (5): a model cannot be used
        * ``ModelMissing``
        * ``ModelDamaged``
        * ``ModelUnreachable``
        * ``ModelOutputError``
        * ``ModelTimeout``
        * ``ModelBusy``
        * ``ModelQuota``
        * ``ModelKeyRefused``
        * ``ModelUnknown``
        * ``ModelRequestRefused``
        * ``ContextTooLong``
        * ``ModelReplyUnusable``
        * ``BudgetExceeded``
    * ``Stopped`` (1): whoever asked does not wait for the answer any more

Messages are one line: what, where, what to do.
"""

from __future__ import annotations

from typing import ClassVar


class PullquoteError(Exception):
    """Base of all errors raised on purpose."""

    exit_code: ClassVar[int] = 1


class UsageError(PullquoteError):
    """The request itself is wrong."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting has a value that cannot be used."""


class QuestionError(UsageError):
    """A question that cannot be asked: blank or far too long."""


class ItemError(PullquoteError):
    """One article could not be read or stored."""

    exit_code = 3


class StoreError(PullquoteError):
    """The store cannot be used as it is."""

    exit_code = 4


class StoreMissing(StoreError):
    """There is no store in this directory yet."""


class NotAStore(StoreError):
    """The path exists and is something else."""


class StoreBusy(StoreError):
    """Another process holds the store."""


class StoreForked(StoreError):
    """The store was opened by the process that this one was forked from."""


class StoreModelMismatch(StoreError):
    """The store was made with another embedding model."""


class StoreTooNew(StoreError):
    """The store was written by a newer version of pullquote."""


class StoreDamaged(StoreError):
    """The catalog cannot be read."""


class StoreUnwritable(StoreError):
    """The system refuses to make, read or write the store's files; what is in them is whole."""


class IndexDamaged(StoreError):
    """The vector index cannot be used; it is made anew from the catalog."""


class ModelError(PullquoteError):
    """A model cannot be used."""

    exit_code = 5
    retryable: bool = False
    """Whether the same request may do better later."""
    requests: int = 0
    """HTTP requests that were made before it was given up."""
    retry_after_s: float | None = None
    """Seconds that the server asks to wait."""


class ModelMissing(ModelError):
    """The model's files are not there."""


class ModelDamaged(ModelError):
    """The model's files are not the ones that were measured."""


class ModelUnreachable(ModelError):
    """The server that holds the model does not answer, or only that it is out of order."""

    retryable = True


class ModelOutputError(ModelError):
    """The model returned something that is not a set of finite vectors."""


class ModelTimeout(ModelError):
    """The time for the question was over before the model had answered."""

    retryable = True


class ModelBusy(ModelError):
    """The server has too much to do, or gets too many requests from here."""

    retryable = True


class ModelQuota(ModelError):
    """What was paid for is used up."""


class ModelKeyRefused(ModelError):
    """The server does not accept the API key, or not for this."""


class ModelUnknown(ModelError):
    """The server has no such model, or there is no such server at this address."""


class ModelRequestRefused(ModelError):
    """The server does not understand the request."""


class ContextTooLong(ModelError):
    """The prompt is longer than what the model can read."""

    context_tokens: int | None = None
    """What the model can read, where the server says so."""


class ModelReplyUnusable(ModelError):
    """The server replied, but not with a text that could be used."""


class BudgetExceeded(ModelError):
    """What may be spent on the language model today is spent."""


class Stopped(PullquoteError):
    """Whoever asked does not wait for the answer any more."""

"""The judge that the environment names; imported only when somebody asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pullquote.eval.judge import Judge, judge_label
from pullquote.index.errors import UsageError
from pullquote.qa.llm.settings import ModelSettings

_FIRST = "the server's first model"
_NO_MODEL = "--judge needs a language model: set OPENAI_API_KEY, or OPENAI_BASE_URL to the address of a server of yours"


@dataclass(frozen=True, slots=True)
class EnvironmentJudge:
    """Makes the judge from the environment of the process it is called in, so that no key travels."""

    label: str

    def __call__(self) -> Judge:
        """Return the judge. Raises ``UsageError`` without a model in the environment."""
        from pullquote.qa.llm.providers import language_model  # loads for seconds, and only where it judges

        settings = _settings()
        return Judge(language_model(settings), settings.deadline_s)


def environment_judge(env: Mapping[str, str] | None = None) -> EnvironmentJudge:
    """Return what makes the judge; its label has the settings' hash, which stands for the address, too.

    Raises ``UsageError`` naming the variables to set when there is no model.
    """
    settings = _settings(env)
    return EnvironmentJudge(f"{judge_label(settings.model or _FIRST)} {settings.hash()}")


def _settings(env: Mapping[str, str] | None = None) -> ModelSettings:
    settings = ModelSettings.from_env(env)
    if settings is None:
        raise UsageError(_NO_MODEL)
    return settings

"""Which language model writes the answers, if one does."""

from __future__ import annotations

from pullquote.index.errors import SettingsError
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.llm.types import LanguageModel
from pullquote.qa.settings import AskSettings

NO_MODEL = "no language model is set: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own"


def chosen_model(settings: AskSettings, given: LanguageModel | None) -> LanguageModel | None:
    """Return the model that was given, else the one that the environment names, else None.

    Raises:
        SettingsError: the engine is ``llm`` and there is none, or the model's settings cannot be used.
    """
    if settings.engine == "extractive" or given is not None:
        return None if settings.engine == "extractive" else given
    named = ModelSettings.from_env()
    if named is None:
        if settings.engine == "llm":
            raise SettingsError(NO_MODEL)
        return None
    from pullquote.qa.llm.providers import language_model  # llama-index takes seconds to import

    return language_model(named)

"""What a user may set: defaults, then ``hakase.toml``, ``HAKASE_*`` in the environment, the command's options.

Names and meanings follow the AI Scientist where it has them; its constants are settings here. The settings that a study
was started with are saved in it, so that resuming is the same code with the same limits.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from hakase.errors import ConfigError
from hakase.records import Record

BUILTIN = "builtin"


class RoleModels(Record):
    """Another model for one role; empty for ``model``."""

    ideas: str = ""
    """Ideas and novelty."""
    coding: str = ""
    """Plans of runs, edits of code, figures."""
    writing: str = ""
    """The paper and its improvement."""
    review: str = ""


class Price(Record):
    """Dollars for a million tokens, where the price list is wrong or silent."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Of prompt tokens that the provider had in its cache; the default is ``input``."""


class Settings(Record):
    """Resolved settings of one command or study."""

    model: str = BUILTIN
    """Who thinks: ``builtin`` (no key, no network), ``provider:name``, or with ``base_url`` any name."""
    models: RoleModels = RoleModels()
    base_url: str = ""
    """Address of an OpenAI-compatible server, such as ``http://localhost:11434/v1``."""
    prices: dict[str, Price] = Field(default_factory=dict)
    """Model -> price."""
    model_timeout: float = Field(default=300.0, gt=0)
    """Seconds for one reply."""
    model_patience: float = Field(default=300.0, ge=0)
    """Seconds that one call may wait and be asked again, in all, while a server refuses (429, 5xx, no connection)."""
    max_usd: float | None = Field(default=None, gt=0)
    """Dollars for models, of a command and whatever resumes it."""
    max_tokens: int | None = Field(default=None, gt=0)
    """Tokens (prompt and completion) for models, counted likewise."""
    idea_reflections: int = Field(default=3, ge=0, le=20)
    novelty_rounds: int = Field(default=10, ge=1, le=50)
    citation_searches: int = Field(default=20, ge=0, le=100)
    refinements: int = Field(default=2, ge=0, le=5)
    """Passes over the whole paper after its sections are written."""
    reviewers: int = Field(default=5, ge=1, le=20)
    """Reviews that are made and aggregated."""
    review_reflections: int = Field(default=5, ge=0, le=20)
    review_examples: tuple[str, ...] = ()
    """Text files, each a paper and its review, that a reviewer is shown first."""
    packages: Literal["ask", "allow", "deny"] | None = None
    """Packages that a scientist asks for; the default is ``ask`` in a terminal and ``deny`` elsewhere."""
    allow_packages: tuple[str, ...] = ()
    """Names that may be installed with ``packages = "allow"``; ``*`` for any."""
    replay: str = ""
    """A study, or a folder of studies, whose kept replies answer instead of a model."""
    coder: str = ""
    """Who edits; empty for the one that suits the model."""
    sandbox: str = "auto"
    typesetter: str = "auto"
    literature: str = "local"
    bibliography: tuple[str, ...] = ()
    """Files (.bib, .json) that the literature search reads besides its own index."""
    max_runs: int = Field(default=5, ge=1, le=100)
    """Runs of a study, the baseline not counted."""
    max_attempts: int = Field(default=4, ge=1, le=20)
    """Attempts at one run."""
    run_timeout: float | None = Field(default=None, gt=0)
    """Seconds for one attempt; the default is max(2 h, 3 x baseline)."""
    plot_timeout: float = Field(default=600.0, gt=0)
    max_hours: float | None = Field(default=None, gt=0)
    memory_gb: float | None = Field(default=None, gt=0)
    """Memory for one attempt; the default is 80% of the machine's, divided among parallel studies."""
    threads: int | None = Field(default=None, ge=1)
    """Threads of one run; the default is the template's, or the cores divided among parallel studies."""
    parallel: int = Field(default=1, ge=1, le=64)
    improvement: bool = False
    skip_novelty_check: bool = False
    repair_rounds: int = Field(default=5, ge=0, le=20)
    metric: str = ""
    """Primary metric, ``NAME`` or ``NAME:lower`` or ``NAME:higher``; overrides the template's."""

    @property
    def asks_models(self) -> bool:
        """Whether a language model thinks."""
        own = self.models
        return any((name or self.model) != BUILTIN for name in (own.ideas, own.coding, own.writing, own.review))


def load_settings(workspace: Path, options: Mapping[str, Any] | None = None) -> Settings:
    """The settings of ``workspace``, with the ``options`` that were really given (None is *not given*).

    Raises:
        ConfigError: a value is of the wrong kind, or hakase.toml cannot be read; names the file and the key.
    """
    file = workspace / "hakase.toml"
    given = {key: value for key, value in (options or {}).items() if value is not None}

    class Sources(BaseSettings, Settings):
        model_config = SettingsConfigDict(
            env_prefix="HAKASE_", env_nested_delimiter="__", frozen=True, extra="forbid", toml_file=file
        )

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    try:
        merged = Sources(**given)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}", file=file, fix="mend the line that is named") from None
    except ValidationError as error:
        raise _refusal(error, file, given) from None
    examples = tuple(str(workspace / Path(name).expanduser()) for name in merged.review_examples)
    return Settings.model_validate({**merged.model_dump(), "review_examples": examples})


def read_assignments(words: Sequence[str]) -> dict[str, Any]:
    """``KEY=VALUE`` words as nested options; a key may have dots, a value is read as in TOML, else taken as text.

    Raises:
        ConfigError: a word is no assignment.
    """
    options: dict[str, Any] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not key.strip():
            raise ConfigError(
                f"{word!r} is no setting",
                file="option -c",
                fix="write KEY=VALUE, such as -c models.review=openai:gpt-4o",
            )
        *outer, last = key.strip().split(".")
        place = options
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = _read_value(value.strip())
    return options


def _read_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    both = {key: _merged(old[key], value) for key, value in new.items() if _are_tables(old.get(key), value)}
    return {**old, **new, **both}


def _are_tables(old: Any, new: Any) -> bool:
    return isinstance(old, Mapping) and isinstance(new, Mapping)


def revise_settings(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """``settings`` with the options that were given now.

    Raises:
        ConfigError: an option has a bad value.
    """
    try:
        return Settings.model_validate(_merged(settings.model_dump(), options))
    except ValidationError as error:
        raise _refusal(error, Path("hakase.toml"), options) from None


def _refusal(error: ValidationError, file: Path, given: Mapping[str, Any]) -> ConfigError:
    first = error.errors()[0]
    names = [str(name) for name in first["loc"]]
    key = ".".join(names)
    fix = f"change {key!r}; it was {first['input']!r}"
    if first["type"] == "extra_forbidden":
        table = RoleModels if names[0] == "models" else Price if names[0] == "prices" else Settings
        fix = f"known keys: {', '.join(name for name in table.model_fields if name != 'format')}"
    return ConfigError(first["msg"], file=_source(names, file, given), key=key, fix=fix)


def _source(names: list[str], file: Path, given: Mapping[str, Any]) -> str | Path:
    """Where a setting comes from: the command's option, ``-c``, the environment, or hakase.toml."""
    if names[0] in given:
        nested = len(names) > 1 or names[0] not in Settings.model_fields
        return "option -c" if nested else f"option --{names[0].replace('_', '-')}"
    for depth in range(len(names), 0, -1):
        variable = f"HAKASE_{'__'.join(names[:depth])}".upper()
        if variable in os.environ:
            return f"the environment variable {variable}"
    return file

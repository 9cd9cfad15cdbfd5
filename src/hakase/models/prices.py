"""Dollars for tokens: the user's own prices, then the list of genai-prices (no network), else unknown, never zero."""

from __future__ import annotations

from hakase.errors import ConfigError
from hakase.models.names import Resolved, resolve, role_models
from hakase.models.question import Usage
from hakase.settings import Price, Settings

_LISTED_AS = {
    "bedrock": "aws",
    "bedrock-mantle": "aws",
    "google-cloud": "google",
    "vertex-anthropic": "google",
    "openai-chat": "openai",
    "openai-responses": "openai",
    "azure-responses": "azure",
    "xai": "x-ai",
}
"""Provider -> its name in genai-prices, where that is another."""


def price_of(resolved: Resolved, usage: Usage, settings: Settings) -> float | None:
    """Dollars for one call; None when nobody knows."""
    own = _own(resolved, settings)
    return _by(own, usage) if own else _listed(resolved, usage)


def price_known(resolved: Resolved, settings: Settings) -> bool:
    """Whether calls of this model have a price."""
    return price_of(resolved, Usage(1000, 0, 1000), settings) is not None


def require_prices(settings: Settings) -> None:
    """Refuse a limit in dollars where a model's price is not known: it could not be kept.

    Raises:
        ConfigError: names the model, and what to write where.
    """
    if settings.max_usd is None or settings.replay:
        return
    for name in role_models(settings):
        if not price_known(resolve(name, settings), settings):
            raise ConfigError(
                f"the price of {name} is not known, so a limit in dollars (--max-usd) cannot be kept",
                file="hakase.toml",
                key=f'prices."{name}"',
                fix=f'write [prices."{name}"] with input = … and output = … (dollars for a million tokens; 0 if it '
                "is yours), or limit tokens instead: --max-tokens N",
            )


def _own(resolved: Resolved, settings: Settings) -> Price | None:
    names = (resolved.asked, resolved.ref, resolved.name)
    return next((settings.prices[name] for name in names if name in settings.prices), None)


def _by(price: Price, usage: Usage) -> float:
    cached = price.input if price.cached is None else price.cached
    fresh = max(0, usage.prompt - usage.cached)
    return (fresh * price.input + usage.cached * cached + usage.completion * price.output) / 1e6


def _listed(resolved: Resolved, usage: Usage) -> float | None:
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    if resolved.local and resolved.address:  # a server of one's own may call its models what it likes
        return None
    tokens = Tokens(
        input_tokens=usage.prompt,
        cache_read_tokens=min(usage.cached, usage.prompt),
        cache_write_tokens=max(0, min(usage.cache_written, usage.prompt - usage.cached)),
        output_tokens=usage.completion,
    )
    provider = resolved.provider.removeprefix("gateway/")
    try:
        if resolved.address:
            found = calc_price(tokens, resolved.name, provider_api_url=resolved.address)
        else:
            found = calc_price(tokens, resolved.name, provider_id=_LISTED_AS.get(provider, provider))
    except (LookupError, ValueError):
        return None
    return float(found.total_price)

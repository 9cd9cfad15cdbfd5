"""Providers of language models as tables: prefixes, key variables, addresses. Data only.

The prefixes are those of pydantic-ai, which does the talking. A provider that is new there and not yet here works too;
its key is then not looked for before the first call.
"""

from __future__ import annotations

import re

KEYS: dict[str, tuple[str, ...]] = {
    "alibaba": ("ALIBABA_API_KEY", "DASHSCOPE_API_KEY"),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "azure": ("AZURE_OPENAI_API_KEY",),
    "azure-responses": ("AZURE_OPENAI_API_KEY",),
    "bedrock": (),
    "bedrock-mantle": (),
    "cerebras": ("CEREBRAS_API_KEY",),
    "cohere": ("CO_API_KEY",),
    "crusoe": ("CRUSOE_API_KEY",),
    "deepseek": ("DEEPSEEK_API_KEY",),
    "fireworks": ("FIREWORKS_API_KEY",),
    "github": ("GITHUB_API_KEY",),
    "github-copilot": ("GITHUB_COPILOT_API_KEY", "GITHUB_COPILOT_API_TOKEN", "COPILOT_GITHUB_TOKEN"),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "google-cloud": (),
    "groq": ("GROQ_API_KEY",),
    "heroku": ("HEROKU_INFERENCE_KEY",),
    "huggingface": ("HF_TOKEN",),
    "litellm": (),
    "meta": ("META_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "moonshotai": ("MOONSHOTAI_API_KEY",),
    "nebius": ("NEBIUS_API_KEY",),
    "ollama": (),
    "openai": ("OPENAI_API_KEY",),
    "openai-chat": ("OPENAI_API_KEY",),
    "openai-chatgpt": (),
    "openai-codex": (),
    "openai-responses": ("OPENAI_API_KEY",),
    "openrouter": ("OPENROUTER_API_KEY",),
    "ovhcloud": ("OVHCLOUD_API_KEY",),
    "sambanova": ("SAMBANOVA_API_KEY",),
    "snowflake": ("SNOWFLAKE_TOKEN",),
    "together": ("TOGETHER_API_KEY",),
    "typesafe": ("TYPESAFE_API_KEY",),
    "vercel": ("VERCEL_AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"),
    "vertex-anthropic": (),
    "vllm": (),
    "xai": ("XAI_API_KEY",),
    "zai": ("ZAI_API_KEY",),
}
"""Provider -> the variables of which one must hold the key; none where it comes from elsewhere or is not needed."""

OWN_KEYS = ("HAKASE_API_KEY", "OPENAI_API_KEY")
"""Where the key for ``base_url`` is looked for."""

ALIASES = {
    "gemini": "google",
    "google-gla": "google",
    "google-vertex": "google-cloud",
    "vertex_ai": "google-cloud",
}
"""Other words for a provider."""

COMPATIBLE = frozenset({"openai", "openai-chat", "ollama", "vllm", "litellm"})
"""Prefixes that a base URL overrides: what stands after them is a name at that address."""

SERVERS = {
    "ollama": ("OLLAMA_BASE_URL", "http://localhost:11434/v1"),
    "vllm": ("VLLM_BASE_URL", "http://localhost:8000/v1"),
    "litellm": ("LITELLM_BASE_URL", "http://localhost:4000/v1"),
    "openai": ("OPENAI_BASE_URL", ""),
    "openai-chat": ("OPENAI_BASE_URL", ""),
}
"""Provider -> variable with its address, and the address without it; empty for the provider's own."""

ADDRESSES = {"anthropic": "ANTHROPIC_BASE_URL", "google": "GOOGLE_GEMINI_BASE_URL", "groq": "GROQ_BASE_URL"}
"""Provider -> the variable by which its own library is sent elsewhere."""

LONGEST_ANSWERS = {"anthropic": 16_384, "vertex-anthropic": 16_384}
"""Provider -> tokens of an answer, where a limit must be named; above this its library would have to stream."""

FAMILIES = (
    (re.compile(r"(gpt-|chatgpt-|o\d)"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"deepseek-"), "deepseek"),
    (re.compile(r"gemini-"), "google"),
    (re.compile(r"grok-"), "xai"),
    (re.compile(r"(mistral|magistral|codestral)-"), "mistral"),
)
"""How a bare name begins -> its provider."""

RENAMED = {"deepseek-coder-v2-0724": "deepseek-coder"}
"""Names that the AI Scientist uses for something else."""

LLAMA = re.compile(r"llama-?(\d+)[.-](\d+)-(\d+b)(-instruct)?", re.IGNORECASE)

TAG = re.compile(r"(latest|\d+(\.\d+)?[bm]\b.*|\d+x\d+b\b.*)", re.IGNORECASE)
"""What stands after a colon in Ollama's names."""

PICTURES = re.compile(
    r"(vision|[-_.:]?vl\b|\bvl[-_]|\dvl|llava|pixtral|^o3|^o4-|gpt-4o|gpt-4\.1|gpt-5|gemini|claude|gemma-?3)", re.I
)
"""Names of models that read images, for servers that do not say."""

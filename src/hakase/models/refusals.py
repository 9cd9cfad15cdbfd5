"""What a user is told when a model cannot be asked: what is wrong, where, and what mends it."""

from __future__ import annotations

from hakase.errors import ModelError
from hakase.models.faults import Fault
from hakase.models.names import Resolved
from hakase.models.providers import KEYS


def refusal(fault: Fault, resolved: Resolved, patience: float = 0.0) -> ModelError:
    """The error for a fault that ends the asking."""
    said = f"{fault.status}: {fault.words}" if fault.status else fault.words
    if fault.kind == "key":
        return _key(said, resolved)
    if fault.kind == "unknown":
        return _unknown(said, resolved)
    if fault.kind == "quota":
        fix = "top it up or raise its limit, or name another --model"
        return ModelError(f"the account at {resolved.place} has no credit left ({said})", fix=fix)
    if fault.kind == "nobody":
        return _nobody(resolved)
    if fault.kind in ("busy", "lost"):
        return ModelError(
            f"{resolved.name} at {resolved.place} gave no reply for {patience:.0f} s (last: {said})",
            key="model_patience",
            fix="try again later, or raise model_patience or model_timeout",
        )
    if fault.kind == "rejected":
        return ModelError(
            f"{resolved.name} at {resolved.place} refuses the request ({said})",
            key="model",
            fix="check that this model answers chat questions: hakase doctor --live",
        )
    return _broken(said, resolved)


def _key(said: str, resolved: Resolved) -> ModelError:
    own = () if resolved.address else KEYS.get(resolved.provider, ())
    variable = resolved.key_variable or next(iter(own), "HAKASE_API_KEY")
    return ModelError(
        f"{resolved.place} refuses the key for {resolved.name} ({said})",
        key=variable,
        fix=f"put a valid key, with access to this model, into {variable}",
    )


def _unknown(said: str, resolved: Resolved) -> ModelError:
    fixes = ["check the name of the model"]
    if resolved.address:
        fixes.append("that the address is right (it often ends in /v1)")
        fixes.append(f"that the server has it (Ollama: ollama pull {resolved.name})")
    elif "responses" in said.lower():
        fixes = [f"name it openai-responses:{resolved.name}"]
    return ModelError(f"{resolved.place} knows no model {resolved.name!r} ({said})", key="model", fix=", ".join(fixes))


def _nobody(resolved: Resolved) -> ModelError:
    if resolved.address:
        fix = "start the server, or correct --base-url"
        return ModelError(f"nobody answers at {resolved.address}", key="base_url", fix=fix)
    fix = "check the network of this machine, or use a local server with --base-url"
    return ModelError(f"{resolved.place} cannot be reached from here", key="model", fix=fix)


def _broken(said: str, resolved: Resolved) -> ModelError:
    extra = resolved.provider.removesuffix("-mantle")
    lacking = "install" in said.lower() or "No module" in said
    fix = f'pip install "pydantic-ai-slim[{extra}]"' if lacking else "check its settings in the environment"
    return ModelError(f"{resolved.ref} cannot be asked: {said}", key="model", fix=fix)

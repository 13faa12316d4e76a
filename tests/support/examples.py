"""How many examples property tests try: few by default, all of them with `--hypothesis-profile full`."""

from __future__ import annotations

from hypothesis import settings

__all__ = ["register_profiles", "scaled"]


def register_profiles() -> None:
    """Register the profiles `quick`, which is loaded, and `full`; the examples are the same in every run."""
    settings.register_profile("full", deadline=None, derandomize=True, max_examples=100)
    settings.register_profile("quick", settings.get_profile("full"), max_examples=10)
    settings.load_profile("quick")


def scaled(examples: int) -> int:
    """Return the number of examples of a test that tries `examples` of them with the profile `full`."""
    return max(1, examples * settings().max_examples // 100)

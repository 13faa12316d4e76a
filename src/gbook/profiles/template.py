"""`{{variables}}` in the subject, description and location of a profile.

gbook fills the names in `BUILTIN`, those in `YIELDING` only if the profile has no field of that name. Every
other variable is one of the API's additionalFields: the guest must give it unless the profile has a default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from gbook.errors import UsageError, did_you_mean
from gbook.profiles.model import AdditionalField, Profile

__all__ = [
    "BUILTIN",
    "LINKS",
    "Filled",
    "builtin_of",
    "fields",
    "fill",
    "substitute",
    "variables",
    "with_texts",
]

# What lets a guest change the booking; computed only for a text that uses it, since it needs a key.
LINKS = frozenset({"rescheduleToken", "manageUrl"})
# Names that profiles may have used for fields before gbook filled them.
YIELDING = LINKS | {"room"}
BUILTIN = YIELDING | {"name", "email", "start", "end", "host", "openMeetingUrl", "id"}
# Compiled at the first use: most profiles have no variables.
_VARIABLE = r"\{\{\s*([^{}\s](?:[^{}\n]*[^{}\s])?)\s*\}\}"


class Filled(NamedTuple):
    """The texts of one event."""

    subject: str
    description: str
    location: str


def with_texts(profile: Profile, texts: Mapping[str, str]) -> Profile:
    """Return a profile with the subject and location of one event, and a note below its description.

    `texts` has the keys subject, location and note, all of them optional.
    """
    if not texts:
        return profile
    description = "\n\n".join(filter(None, (profile.description, texts.get("note"))))
    return msgspec.structs.replace(
        profile,
        subject=texts.get("subject", profile.subject),
        location=texts.get("location", profile.location),
        description=description,
    )


def fields(profile: Profile) -> list[AdditionalField]:
    """Return the fields to ask for, in order of appearance in subject, description and location."""
    declared = {field.name: field for field in profile.additional_fields}
    builtin = _builtin(profile)
    names = [name for text in _texts(profile) for name in variables(text) if name not in builtin]
    return [declared.get(name) or AdditionalField(name=name) for name in dict.fromkeys(names)]


def builtin_of(profile: Profile) -> frozenset[str]:
    """Return the variables in the texts of a profile that gbook fills."""
    return _builtin(profile).intersection(name for text in _texts(profile) for name in variables(text))


def fill(profile: Profile, given: Mapping[str, str], builtin: Mapping[str, str]) -> Filled:
    """Return the texts of a profile with the guest's fields (`given`) and gbook's values (`builtin`).

    Raises UsageError, which names every missing and unknown field.
    """
    expected = fields(profile)
    if complaints := [*_missing(expected, given), *_unknown(expected, given)]:
        raise UsageError("; ".join(complaints), fields=[field.name for field in expected])
    defaults = {field.name: field.default for field in expected if field.default is not None}
    known = {name: builtin.get(name, "") for name in _builtin(profile)}
    values = {**defaults, **given, **known}
    filled = Filled(*(substitute(text, values) for text in _texts(profile)))
    # A blank value at the end, such as the name of an unknown guest, leaves no blank.
    return filled._replace(subject=filled.subject.rstrip())


def variables(text: str) -> list[str]:
    """Return the names of the variables in a text."""
    return re.findall(_VARIABLE, text) if "{{" in text else []


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each variable of `values` replaced once; variables inside a value stay."""
    return re.sub(_VARIABLE, lambda match: values.get(match[1], match[0]), text)


def _builtin(profile: Profile) -> frozenset[str]:
    """Return the names that gbook fills; older profiles may have fields that are called like some."""
    return BUILTIN - (YIELDING & {field.name for field in profile.additional_fields})


def _texts(profile: Profile) -> tuple[str, str, str]:
    return profile.subject, profile.description, profile.location


def _missing(expected: Iterable[AdditionalField], given: Mapping[str, str]) -> list[str]:
    missing = [field.name for field in expected if field.default is None and field.name not in given]
    if not missing:
        return []
    example = " ".join(f"--field {_quoted(name)}=…" for name in missing)
    return [f"this profile needs {', '.join(missing)} ({example})"]


def _unknown(expected: Iterable[AdditionalField], given: Mapping[str, str]) -> list[str]:
    names = [field.name for field in expected]
    complaints = []
    for name in given:
        if name in BUILTIN and name not in names:
            complaints.append(f"{name} is set by gbook; it cannot be passed with --field")
        elif name not in names:
            known = f"; its fields: {', '.join(names)}" if names else "; its texts have no variables"
            complaints.append(f"this profile has no field {name!r}{did_you_mean(name, names) or known}")
    return complaints


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name

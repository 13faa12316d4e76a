"""What a guest writes into the form of a booking: the inputs, their values, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import gbook
from gbook.profiles.model import AdditionalField
from gbook.profiles.template import fields
from gbook.service.page.web.forms import Form
from gbook.text import one_line, printable
from gbook.yamlfiles.field_types import read_email

__all__ = ["VARIABLE", "Details", "Input", "inputs_of", "read_details"]

# The longest values, in characters. No address is longer (RFC 5321 §4.5.3.1).
MOST_NAME, MOST_EMAIL, MOST_TEXT = 200, 254, 2000
# What the name of an input begins with that stands for a variable of the profile's texts.
VARIABLE = "field:"
# Types of an additional field, as the clients of the API write them, by the type of its input.
_TYPES = {
    "email": "email",
    "tel": "tel",
    "phone": "tel",
    "url": "url",
    "number": "number",
    "date": "date",
    "textarea": "textarea",
    "multiline": "textarea",
}
# What a browser may fill in (WCAG 2.2, 1.3.5), by the name of the field.
_AUTOCOMPLETE = {
    "company": "organization",
    "organization": "organization",
    "organisation": "organization",
    "phone": "tel",
    "tel": "tel",
    "website": "url",
    "url": "url",
    "city": "address-level2",
    "country": "country-name",
}
# What reads a value of a type, or raises ValueError: a browser leaves that to us.
_READERS: Mapping[str, Callable[[str], object]] = {
    "email": read_email,
    "number": float,
    "date": date.fromisoformat,
}


class Input(NamedTuple):
    """An input of the form. `problem` is the code of what is wrong with its value, empty if nothing is.

    Those with the ids name and email have labels in the template; `label` is that of any other one.
    """

    id: str
    name: str
    label: str
    type: str
    autocomplete: str
    is_required: bool
    most: int
    value: str = ""
    problem: str = ""


class Details(NamedTuple):
    """The inputs of a form that was sent, with their values."""

    inputs: Sequence[Input]

    @property
    def problems(self) -> Sequence[Input]:
        """The inputs with something wrong."""
        return [each for each in self.inputs if each.problem]

    @property
    def guest(self) -> gbook.Guest:
        """The guest's name and address."""
        values = {each.id: each.value for each in self.inputs}
        return gbook.Guest(values["name"], values["email"])

    @property
    def fields(self) -> Mapping[str, str]:
        """The values of the profile's variables; one that may be left out and is empty is not among them."""
        given = ((each.name.removeprefix(VARIABLE), each) for each in self.inputs if each.label)
        return {name: each.value for name, each in given if each.value}


def inputs_of(profile: gbook.Profile) -> Iterator[Input]:
    """Yield the inputs of a profile's form, empty."""
    yield Input("name", "name", "", "text", "name", is_required=True, most=MOST_NAME)
    yield Input("email", "email", "", "email", "email", is_required=True, most=MOST_EMAIL)
    for number, field in enumerate(fields(profile)):
        yield _input(f"field-{number}", field)


def _input(input_id: str, field: AdditionalField) -> Input:
    label = one_line(field.name)
    return Input(
        id=input_id,
        name=VARIABLE + field.name,
        label=label[:1].upper() + label[1:],
        type=_TYPES.get(field.type.lower(), "text"),
        autocomplete=_AUTOCOMPLETE.get(field.name.lower(), ""),
        is_required=field.default is None,
        most=MOST_TEXT,
    )


def read_details(profile: gbook.Profile, form: Form) -> Details:
    """Return what a guest has sent, without control characters; only longer texts have several lines."""
    return Details([_filled(each, form.get(each.name)) for each in inputs_of(profile)])


def _filled(empty: Input, sent: str) -> Input:
    # What is far too long is cut before anything looks at each character; a line break arrives as two.
    text = sent[: 2 * empty.most]
    value = printable(text) if empty.type == "textarea" else one_line(text)
    is_long = len(sent) > len(text) or len(value) > empty.most
    return empty._replace(value=value[: empty.most], problem=_problem(empty, value, is_long=is_long))


def _problem(empty: Input, value: str, *, is_long: bool) -> str:
    if not value.strip():
        return "missing" if empty.is_required else ""
    if is_long:
        return "long"
    try:
        _READERS.get(empty.type, str)(value)
    except ValueError:
        return empty.type
    return ""

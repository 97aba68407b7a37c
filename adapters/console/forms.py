"""Fills a form in line by line (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from bot.model.card import Field, Form

_NOTHING = "-"
_NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FormProgress:
    """A form of which some fields are filled in."""

    form: Form
    answers: Mapping[str, str] = field(default_factory=lambda: _NO_ANSWERS)

    @property
    def current(self) -> Field | None:
        """Return the field that is asked next; None where all are filled in."""
        return next((each for each in self.form.fields if each.name not in self.answers), None)

    def question(self) -> list[str]:
        """Return the question for the current field, with its options by number."""
        asked = self.current
        if asked is None:
            return []
        options = [f"  {n}. {each.label}" for n, each in enumerate(asked.options, 1)]
        value = f" [{asked.value}]" if asked.value else ""
        if asked.value and not asked.required and not asked.options:
            value += f" ({_NOTHING} = ∅)"
        return [f"{asked.label}{value}", *options]

    def fill_in(self, line: str) -> "FormProgress | None":
        """Return the form with the current field filled in; None for what is no answer to it.

        An empty line leaves the initial value, or nothing where none is required; a dash empties
        it.
        """
        asked = self.current
        if asked is None:
            return self
        answer = line.strip() or asked.value
        if answer == _NOTHING and not asked.required and not asked.options:
            answer = ""
        if asked.options:
            values = [option.value for option in asked.options]
            is_number = answer.isdecimal() and 0 < int(answer) <= len(values)
            answer = values[int(answer) - 1] if is_number else answer
            if answer not in values:
                return None
        if asked.required and not answer:
            return None
        return replace(self, answers={**self.answers, asked.name: answer})

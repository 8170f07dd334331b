"""What may stand in public before anybody has read it? Only what no rule refuses."""

from offset.errors import InvalidInput, Refused
from offset.people import phrases
from offset.projects.questions import LANGUAGES


def checked(
    text: str,
    language: str,
    *,
    field: str,
    longest: int,
    missing: str = "answer_missing",
    lines: bool = False,
) -> str:
    """Return a text that needs no reader: tidy, not empty, not too long, no refused phrase.

    Raises
    ------
    InvalidInput
        The code ``missing``, ``too_long`` or ``language_unknown``.
    Refused
        ``phrases_found``.
    """
    tidy = text.replace("\r\n", "\n").strip() if lines else " ".join(text.split())
    if language not in LANGUAGES:
        raise InvalidInput("language_unknown", field="language", language=language)
    if not tidy:
        raise InvalidInput(missing, field=field)
    if len(tidy) > longest:
        raise InvalidInput("too_long", field=field, longest=longest)
    found = phrases.scan(tidy, language)
    if found:
        raise Refused("phrases_found", field=field, phrases=tuple(hit.phrase for hit in found))
    return tidy

"""Which printer do tests use that look at no page of paper? One that prints facts as a line."""

from collections.abc import Mapping

from offset.errors import Refused


class Printer:
    """A renderer that prints facts as text and can be without its library."""

    def __init__(self, *, fault: str | None = None) -> None:
        self.fault = fault
        self.printed: list[Mapping[str, object]] = []

    def render(self, template: str, language: str, facts: Mapping[str, object]) -> bytes:
        if self.fault:
            raise Refused(self.fault)
        self.printed.append(facts)
        number = facts.get("number") or facts.get("cancelled_number") or facts.get("reference")
        return f"{template} {language} {number} {facts.get('name')}".encode()

    def missing(self) -> str | None:
        return "Pango" if self.fault == "pdf_unavailable" else None

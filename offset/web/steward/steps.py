"""Which step of an application comes before this one, and which after?"""

from dataclasses import dataclass

from offset.web import answers


@dataclass(frozen=True)
class Around:
    """A step of the task list with its neighbours, as codes and titles."""

    step: str
    title: str
    number: int
    all: int
    before: tuple[str, str] | None
    after: tuple[str, str] | None


def around(step: str) -> Around:
    """Return a step with its neighbours in the order of the task list."""
    place = answers.STEPS.index(step)

    def neighbour(at: int) -> tuple[str, str] | None:
        if not 0 <= at < len(answers.STEPS):
            return None
        return answers.STEPS[at], str(answers.STEP_TITLES[answers.STEPS[at]])

    return Around(
        step,
        str(answers.STEP_TITLES[step]),
        place + 1,
        len(answers.STEPS),
        neighbour(place - 1),
        neighbour(place + 1),
    )

"""How does a project work where nobody is simply paid in the field?

Restoration camps live from hours given freely; a local product sold below its price needs others
who pay the difference. What they give never enters our books.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.money import Money
from offset.people.access import Actor, Right, may
from offset.projects import lifecycle, public_words
from offset.projects.life_models import CoFunding, FormOfProject, PriceSupport, ProjectForm
from offset.projects.models import Project
from offset.projects.organisations import own_project

_LONGEST: Final = 200
_PERCENT: Final = 100


@dataclass(frozen=True)
class CoFunder:
    """Somebody else who gives to the same project; the amount stands apart from ours."""

    funder: str
    amount: Money | None
    purpose: str
    since_on: date


@dataclass(frozen=True)
class Price:
    """A product sold below its price: where, when, by how many per cent, and to whom."""

    product: str
    place: str
    from_on: date
    until_on: date
    off_all_pct: int
    off_low_income_pct: int
    households: int | None


@dataclass(frozen=True)
class Form:
    """How a project works, who else pays for it, and which prices it supports."""

    form: ProjectForm
    co_funders: tuple[CoFunder, ...]
    prices: tuple[Price, ...]


def choose(
    session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID, form: ProjectForm
) -> None:
    """Say how a project works; its own people or the secretariat may.

    Raises
    ------
    Forbidden, NotFound
    """
    project = _project(session, actor, project_id)
    row = session.get(FormOfProject, project.id)
    if row is None:
        session.add(
            FormOfProject(project_id=project.id, form=form, set_at=at, set_by=actor.user_id)
        )
    else:
        row.form, row.set_at, row.set_by = form, at, actor.user_id
    session.flush()
    lifecycle.note(session, project, f"form_{form.value}", actor=actor, at=at)


def co_fund(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    funder: str,
    amount: Money | None,
    purpose: str,
    since_on: date,
) -> uuid.UUID:
    """Write down who else gives to a project, how much if it may be told, and for what.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``name_missing``, ``answer_missing``, ``too_long`` or ``amount_not_positive``.
    Refused
        ``phrases_found``.
    """
    project = _project(session, actor, project_id)
    if amount is not None and amount.minor <= 0:
        raise InvalidInput("amount_not_positive", field="amount")
    row = CoFunding(
        id=uuid7(at),
        project_id=project.id,
        funder=_words(funder, project, "funder", "name_missing"),
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        purpose=_words(purpose, project, "purpose"),
        since_on=since_on,
        recorded_at=at,
        recorded_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    lifecycle.note(session, project, "co_funding", actor=actor, at=at)
    return row.id


def support_price(
    session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID, price: Price
) -> uuid.UUID:
    """Write down a product that a price-support project sells below its price.

    Raises
    ------
    Forbidden, NotFound
    InvalidInput
        ``name_missing``, ``days_out_of_order``, ``percent_unusable`` or ``value_unusable``.
    Refused
        ``not_price_support``: the project works otherwise; ``phrases_found``.
    """
    project = _project(session, actor, project_id)
    row = session.get(FormOfProject, project.id)
    if row is None or row.form is not ProjectForm.PRICE_SUPPORT:
        raise Refused("not_price_support")
    _check_price(price)
    made = PriceSupport(
        id=uuid7(at),
        project_id=project.id,
        product=_words(price.product, project, "product", "name_missing"),
        place=_words(price.place, project, "place", "name_missing"),
        from_on=price.from_on,
        until_on=price.until_on,
        off_all_pct=price.off_all_pct,
        off_low_income_pct=price.off_low_income_pct,
        households=price.households,
        recorded_at=at,
        recorded_by=actor.user_id,
    )
    session.add(made)
    session.flush()
    lifecycle.note(session, project, "price_support", actor=actor, at=at)
    return made.id


def read(session: Session, project_id: uuid.UUID) -> Form:
    """Return how a project works, with its co-funders and supported prices."""
    row = session.get(FormOfProject, project_id)
    funders = session.scalars(
        select(CoFunding)
        .where(CoFunding.project_id == project_id)
        .order_by(CoFunding.since_on, CoFunding.id)
    )
    prices = session.scalars(
        select(PriceSupport)
        .where(PriceSupport.project_id == project_id)
        .order_by(PriceSupport.from_on.desc(), PriceSupport.id)
    )
    return Form(
        form=row.form if row else ProjectForm.FIELD,
        co_funders=tuple(
            CoFunder(
                one.funder,
                Money(one.amount_minor, one.currency)
                if one.amount_minor is not None and one.currency is not None
                else None,
                one.purpose,
                one.since_on,
            )
            for one in funders
        ),
        prices=tuple(
            Price(
                one.product,
                one.place,
                one.from_on,
                one.until_on,
                one.off_all_pct,
                one.off_low_income_pct,
                one.households,
            )
            for one in prices
        ),
    )


def _project(session: Session, actor: Actor, project_id: uuid.UUID) -> Project:
    if may(actor, Right.MODERATE):
        found = session.get(Project, project_id)
        if found is None:
            raise NotFound("project_unknown")
        return found
    return own_project(session, actor, project_id, Right.POST_UPDATE)


def _words(text: str, project: Project, field: str, missing: str = "answer_missing") -> str:
    return public_words.checked(
        text, project.language, field=field, longest=_LONGEST, missing=missing
    )


def _check_price(price: Price) -> None:
    if price.until_on < price.from_on:
        raise InvalidInput("days_out_of_order", field="until_on")
    if not 0 <= price.off_all_pct <= price.off_low_income_pct <= _PERCENT:
        raise InvalidInput("percent_unusable", field="off_low_income_pct")
    if price.off_low_income_pct == 0:
        raise InvalidInput("percent_unusable", field="off_low_income_pct")
    if price.households is not None and price.households < 0:
        raise InvalidInput("value_unusable", field="households")

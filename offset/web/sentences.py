"""What is a person told for each code of a refusal? One sentence a code, in English.

The keys are the codes that the rooms raise; a test walks the whole source and fails on a code
without a sentence. Translations live in the catalogues.
"""

from collections.abc import Mapping
from typing import Final


def N_(text: str) -> str:  # noqa: N802 - the mark that gettext tools look for
    """Mark a sentence for the catalogues without translating it here."""
    return text


SENTENCES: Final[Mapping[str, str]] = {
    # people and doors
    "right_missing": N_("Your roles do not include this. Ask an administrator if they should."),
    "sign_in_needed": N_("You were signed out. Sign in again, then repeat what you were doing."),
    "sign_in_wrong": N_("This address and password do not belong together."),
    "link_used_or_old": N_("This link has been used or is too old. Ask for a new one."),
    "second_factor_missing": N_("This room opens once a second factor is set for your account."),
    "other_origin": N_("This form came from another site, so nothing was done."),
    "email_unreadable": N_("This does not look like an e-mail address, such as name@example.org."),
    "person_unknown": N_("There is no such person here."),
    "role_not_held": N_("This person does not hold the role “%(role)s”."),
    "own_role": N_("Nobody changes their own roles. Ask another administrator."),
    "roles_clash": N_("One person may not score projects and move their money as well."),
    "staff_not_erased": N_("Hand back the roles of this account first, then ask again."),
    "reason_missing": N_("Give the reason: it stays in the audit trail."),
    "setting_unknown": N_("There is no such setting."),
    # money
    "amount_unreadable": N_("“%(text)s” is not an amount. Write it like 60 or 60.50."),
    "amount_too_precise": N_("“%(text)s” has more than %(places)s decimals."),
    "currency_unknown": N_("The currency “%(currency)s” is not known here."),
    "currency_mixed": N_("Two currencies (%(one)s and %(other)s) cannot be added up."),
    "database_busy": N_("Too many people were writing at once. Nothing was saved; try again."),
    "account_unknown": N_("The books have no account “%(account)s”."),
}

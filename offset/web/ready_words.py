"""What does each line of the ready list say: what it is, why it matters, how to mend it?"""

from dataclasses import dataclass
from typing import Final


def N_(text: str) -> str:  # noqa: N802 - the mark that gettext tools look for
    """Mark a text for the catalogues without translating it here."""
    return text


@dataclass(frozen=True)
class Words:
    """The words of one line: its name, why it is asked, and what to do."""

    what: str
    why: str
    how: str


WORDS: Final = {
    "people": Words(
        N_("Two people for every act of two"),
        N_("Nobody moves money alone; with one person nothing could be approved."),
        N_("Invite people with the missing roles: People, or “offset people invite”."),
    ),
    "second_factors": Words(
        N_("A second factor for everyone on the staff"),
        N_("A stolen mailbox must not be enough to approve a payment."),
        N_("Each person named here signs in once and sets up a phone."),
    ),
    "address": Words(
        N_("The public address answers"),
        N_("Donors, receipts and the processor's notices all use it."),
        N_("Set OFFSET_PUBLIC_URL, point the name at this server, start the reverse proxy."),
    ),
    "certificate": Words(
        N_("The certificate is valid for two weeks at least"),
        N_("Without it no browser opens the site and no notice arrives."),
        N_("Let the reverse proxy renew it; see the page on serving."),
    ),
    "clock": Words(
        N_("The clock is right"),
        N_("Signatures of notices and six-digit codes depend on it."),
        N_("Switch on the time service of the server."),
    ),
    "disk": Words(
        N_("More than a gigabyte is free"),
        N_("A full disk stops every gift."),
        N_("Make room, or move the data to a larger disk."),
    ),
    "workers": Words(
        N_("Processes and the counter of limits"),
        N_("Limits against card testing count in one place only."),
        N_("With one process nothing is to do; with several start the Redis of OFFSET_LIMITS_URL."),
    ),
    "jobs": Words(
        N_("The jobs run"),
        N_("Mails, receipts, allocation, backups and proofs are made by them."),
        N_("Start the timer that calls “offset jobs run” each minute."),
    ),
    "mail": Words(
        N_("A mail arrived"),
        N_("A donor without a receipt asks, and is right."),
        N_("Send yourself the mail below and press the button in it."),
    ),
    "spf": Words(
        N_("SPF names your mail server"),
        N_("Without it many providers throw our mails away."),
        N_("Ask whoever runs your domain for a TXT record that begins with v=spf1."),
    ),
    "dmarc": Words(
        N_("DMARC says what happens to forged mails"),
        N_("It keeps others from writing in your name."),
        N_("Ask for a TXT record at _dmarc that begins with v=DMARC1."),
    ),
    "dkim": Words(
        N_("DKIM signs your mails"),
        N_("It cannot be asked from here: the name of its key is your provider's."),
        N_("Look into the headers of the mail that arrived for dkim=pass, and say so below."),
    ),
    "pango": Words(
        N_("Receipts can be printed"),
        N_("The library Pango draws PDFs; without it receipts are pages only."),
        N_("Install the packages libpango-1.0-0 and libpangoft2-1.0-0."),
    ),
    "account": Words(
        N_("The Stripe account takes payments and pays out"),
        N_("Stripe asks for the purpose and a working public site first; that takes days."),
        N_("Finish the questions in Stripe's dashboard; the key must be of this mode."),
    ),
    "api_version": Words(
        N_("Stripe answers in the version we know"),
        N_("Another version may name amounts otherwise."),
        N_("Install the release that fits, or ask the maintainers."),
    ),
    "payouts": Words(
        N_("Payouts are automatic"),
        N_("Manual ones are never itemised and cannot be reconciled."),
        N_("Dashboard → Settings → Payouts → Schedule: automatic."),
    ),
    "descriptor": Words(
        N_("The statement descriptor is set"),
        N_("It is what donors read on their statement; an unknown name is disputed."),
        N_("Dashboard → Settings → Public details."),
    ),
    "methods": Words(
        N_("Cards are switched on"),
        N_("Our code names no method; the account decides."),
        N_("Dashboard → Settings → Payment methods: cards, and SEPA debit if you like."),
    ),
    "webhook": Words(
        N_("Stripe's notices come to us"),
        N_("With every kind of event that is booked, in our version."),
        N_("Press the button below: the site registers its address itself."),
    ),
    "minimum": Words(
        N_("The smallest gift is 5.00 or more"),
        N_("Small amounts invite those who test stolen cards."),
        N_("Settings → Limits of a contribution: raise the lowest amount."),
    ),
    "radar": Words(
        N_("Radar's rules were looked at"),
        N_("They are Stripe's own guard and cannot be asked from here."),
        N_("Dashboard → Radar → Rules: block by CVC and by risk; then say so below."),
    ),
    "issuer": Words(
        N_("The receiver of contributions is named"),
        N_("It stands on the form before paying and on every receipt."),
        N_("Set legal name and country under Receipts, and a tax regime if there is one."),
    ),
    "terms": Words(
        N_("Your terms, in each language"),
        N_("Ours are a draft; only the receiver can give its word."),
        N_("Put the files named here into the folder “texts” of the data."),
    ),
    "privacy": Words(
        N_("Your privacy notice, in each language"),
        N_("The law asks who you are and whom to write to."),
        N_("Put the files named here into the folder “texts” of the data."),
    ),
    "legal": Words(
        N_("Your legal notice, in each language"),
        N_("The publisher of a site must be named."),
        N_("Put the files named here into the folder “texts” of the data."),
    ),
    "figures": Words(
        N_("Rate, share and refund rule were decided"),
        N_("The first values are proposals; somebody must stand for them."),
        N_("Settings: save each of those named here once, with the board's decision as reason."),
    ),
    "reserve": Words(
        N_("The refund reserve is endowed"),
        N_("Fees of refunds and lost disputes come out of it, never out of gifts."),
        N_(
            "Send your own money to the bank; then Entries by hand → Fill the refund reserve,"
            " two people."
        ),
    ),
    "policy": Words(
        N_("An allocation policy is approved"),
        N_("It says before the first gift who gets what."),
        N_(
            "Allocation runs: weights of the admitted projects, by one person, approved by another."
        ),
    ),
    "criteria": Words(
        N_("A set of criteria is in force"),
        N_("The committee assesses by it."),
        N_("Committee → Criteria: adopt a version, the draft that comes with us or your own."),
    ),
    "bank": Words(
        N_("A bank account is known"),
        N_("Statements are matched against it, and transfers go to it."),
        N_("A treasurer adds it: Statements → Our bank accounts."),
    ),
    "backup": Words(
        N_("A backup is younger than a day"),
        N_("Everything that was given must survive this machine."),
        N_("The daily job makes it; “offset backups run” makes one now."),
    ),
    "drill": Words(
        N_("A backup was restored once"),
        N_("An archive that never came back does not count."),
        N_("A monthly job tries it; is the key elsewhere: offset backups drill --identity FILE."),
    ),
}

# Where each line is done, for those that are done on a page of the desk.
WHERE: Final = {
    "people": "/secretariat/people",
    "second_factors": "/secretariat/people",
    "minimum": "/secretariat/settings/amount_limits",
    "issuer": "/secretariat/issuer",
    "figures": "/secretariat/settings",
    "reserve": "/secretariat/entries/new/reserve_endowed",
    "policy": "/secretariat/allocation",
    "criteria": "/secretariat/criteria/new",
    "bank": "/secretariat/bank-accounts",
}

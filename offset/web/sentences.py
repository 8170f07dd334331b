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
    "sign_in_again": N_(
        "This needs a sign-in of the last minutes. Sign in once more, then repeat it."
    ),
    "device_unknown": N_("There is no such device in your list."),
    "second_factor_missing": N_(
        "Show the code of your phone first, then repeat what you were doing."
    ),
    "second_factor_set": N_("A second factor is set already."),
    "other_origin": N_("This form came from another site, so nothing was done."),
    "email_unreadable": N_("This does not look like an e-mail address, such as name@example.org."),
    "person_unknown": N_("There is no such person here."),
    "role_not_held": N_("This person does not hold the role “%(role)s”."),
    "own_role": N_("Nobody changes their own roles. Ask another administrator."),
    "roles_missing": N_("Choose at least one role."),
    "person_here": N_("Somebody with this address is here already: look in the list of people."),
    "invitation_waits": N_("This address was invited already. Send that invitation again."),
    "invitation_void": N_(
        "Whoever invited you may no longer give roles. Ask for a new invitation."
    ),
    "login_unknown": N_("There is no such sign-in."),
    "own_second_factor": N_("Another administrator takes your second factor away, never you."),
    "second_factor_needed": N_("Set up a phone first."),
    "already_disabled": N_("This account is closed already."),
    "not_disabled": N_("This account is open."),
    "roles_clash": N_("One person may not score projects and move their money as well."),
    "staff_not_erased": N_("Hand back the roles of this account first, then ask again."),
    "reason_missing": N_("Give the reason: it stays in the audit trail."),
    "setting_unknown": N_("There is no such setting."),
    "setting_between": N_("This must be a whole number from %(low)s to %(high)s."),
    "setting_order": N_("The lowest amount is not above the highest."),
    "setting_rising": N_("Write each one larger than the one before."),
    "setting_currencies": N_("Give an amount in currencies that are taken: %(offered)s."),
    "setting_choice": N_("Choose one of: %(choices)s."),
    "setting_shape": N_("This cannot be read as the setting “%(what)s”."),
    "setting_whole": N_("“%(text)s” is no whole number."),
    "setting_line": N_("This line cannot be read: “%(line)s”."),
    "setting_amount": N_("An amount like this is not possible here."),
    "setting_changed": N_("Somebody changed this setting meanwhile. Look at it and save again."),
    "page_absent": N_("There is no page here on this installation."),
    "file_missing": N_("Choose a file first."),
    # whom we pay
    "organisation_file_missing": N_(
        "Enter the file of this organisation first: nobody is paid whom we do not know."
    ),
    "organisation_file_old": N_(
        "The file of this organisation held until %(until)s. Renew it, then repeat this."
    ),
    "own_organisation": N_("You belong to this organisation, so somebody else keeps its file."),
    "own_project": N_("You belong to the organisation that would be paid. Somebody else does it."),
    "legal_name_missing": N_("Give the name that stands in the register."),
    "register_missing": N_("Say in which register the organisation stands."),
    "registration_missing": N_("Give its number in the register."),
    "town_missing": N_("Give the town: banks ask for it."),
    "extract_missing": N_("Say where the extract of the register is kept."),
    "registered_ahead": N_("This day has not come yet."),
    "governors_missing": N_("Name at least one person who governs the organisation."),
    "governors_many": N_("At most %(most)s people can be named."),
    "office_missing": N_("Say which office %(name)s holds, after a comma."),
    "born_unreadable": N_("“%(text)s” is neither a year nor a day such as 1970-05-31."),
    "holder_unexplained": N_(
        "The holder is not %(name)s. Explain why the organisation is paid on this account."
    ),
    "sanctions_list_missing": N_("Upload the sanctions list first: nobody was compared with it."),
    "sanctions_list_old": N_(
        "The newest sanctions list here is of %(on)s, more than %(most)s days ago. Upload the"
        " present one first."
    ),
    "screening_missing": N_(
        "This organisation was not compared with the newest sanctions list yet. Compare it first."
    ),
    "hit_unknown": N_("There is no such likeness to a listed name."),
    "hit_undecided": N_(
        "A name is like one on the sanctions list. Somebody must decide on it before money moves."
    ),
    "hit_confirmed": N_("Somebody of this organisation is on the sanctions list. Nothing is paid."),
    "hit_decided": N_("This has been decided so already."),
    "sanctions_known": N_("This very file was uploaded before."),
    "sanctions_ahead": N_("The list says it is of %(on)s, a day that has not come yet."),
    "sanctions_older": N_("The list of %(on)s is here already; this one is older."),
    "sanctions_empty": N_("The file is empty."),
    "sanctions_too_large": N_("The file is larger than the list can be (%(megabytes)s MB)."),
    "sanctions_not_xml": N_(
        "The file cannot be read as XML (line %(line)s). It may be cut short: download it again."
    ),
    "sanctions_hostile": N_("The file contains what no sanctions list contains. It was not read."),
    "sanctions_not_the_list": N_(
        "This is not the EU's consolidated list. Upload its XML or its CSV, unchanged."
    ),
    "sanctions_undated": N_("The list does not say of which day it is."),
    "sanctions_no_names": N_("The list names nobody, so it cannot be the whole list."),
    "sanctions_row_short": N_("Row %(row)s is cut short. Download the list again."),
    "sanctions_not_text": N_("The file is neither XML nor a CSV in UTF-8."),
    # bank details, and what the bank is told
    "proposal_unknown": N_("There are no such proposed bank details."),
    "proposal_waiting": N_("Bank details you proposed wait for our call already."),
    "proposal_called": N_("Somebody has called back about this already."),
    "spoke_with_missing": N_("Say with whom you spoke."),
    "number_called_missing": N_("Say which number you called: one that we knew before."),
    "payment_file_made": N_(
        "The file of today for %(account)s is made. What was approved since goes into the next."
    ),
    "payment_file_empty": N_("No approved payment waits for a file of this account."),
    "payment_file_unknown": N_("There is no such file."),
    "payment_file_no_iban": N_("Our account %(account)s has no IBAN that SEPA takes."),
    "payment_ordered": N_("The bank was told of %(number)s already."),
    "payment_not_approved": N_("%(number)s is not approved, so the bank is not told of it."),
    "payment_by_sepa": N_("%(number)s goes by SEPA: it belongs into the file of the day."),
    "payment_order_unknown": N_("This payment has no order sheet."),
    "fx_rate_unreadable": N_("“%(text)s” is not a rate. Write it like 655.957."),
    "rate_of_ones_own": N_("From %(currency)s to %(currency)s the rate is 1."),
    "currency_abroad_unknown": N_("Write the currency with three letters, such as KES."),
    "agreed_with_missing": N_("Say with whom the rate was agreed."),
    "agreed_ahead": N_("This day has not come yet."),
    "transfer_none": N_("There is nothing to pay in this file."),
    "transfer_currency": N_("SEPA pays in euros only; %(number)s is in %(currency)s."),
    "transfer_amount": N_("The amount of %(number)s is outside of what SEPA pays."),
    "transfer_name": N_(
        "Banks cannot write the name “%(name)s” of %(number)s. Enter the holder in Latin letters,"
        " as on their account."
    ),
    "transfer_reference": N_("The reference “%(number)s” has letters that banks do not take."),
    # deputies and days away
    "deputy_oneself": N_("Nobody is their own deputy. Choose another person."),
    "deputy_there": N_("Somebody acts for this person on some of these days already."),
    "deputy_unknown": N_("There is no such deputy, or the days have ended."),
    "nothing_to_lend": N_("This person holds no role that a deputy could take over."),
    "absence_unknown": N_("These days are not in the list."),
    "days_backwards": N_("The last day comes before the first."),
    "days_past": N_("These days are over."),
    "days_many": N_("At most %(most)s days at a time."),
    # money and books
    "amount_unreadable": N_("“%(text)s” is not an amount. Write it like 60 or 60.50."),
    "amount_too_precise": N_("“%(text)s” has more than %(places)s decimals."),
    "amount_other_currency": N_(
        "This amount is in %(currency)s, but you wrote %(named)s. Change one of the two."
    ),
    "practice_unknown": N_("There is no such practice. The page “Good practices” lists them."),
    "method_unknown": N_("There is no such method. The page “All methods” lists them."),
    "currency_unknown": N_("The currency “%(currency)s” is not known here."),
    "currency_mixed": N_("Two currencies cannot be added up."),
    "database_busy": N_("Too many people were writing at once. Nothing was saved; try again."),
    "account_unknown": N_("The books have no account “%(account)s”."),
    "amount_missing": N_("State the amount."),
    "amount_not_positive": N_("The amount must be above zero."),
    "amount_zero": N_("A line of the books cannot be zero."),
    "posting_too_large": N_("No line of the books can be as large (%(account)s)."),
    "key_unusable": N_("An entry of the books needs a key of printable letters."),
    "amount_too_small": N_("The smallest contribution is %(limit)s."),
    "amount_too_large": N_(
        "The largest contribution on this page is %(limit)s. Write to us for more."
    ),
    "amount_below_minimum": N_("The smallest payment is %(minimum)s."),
    "amount_above_balance": N_("Only %(available)s is there to be paid."),
    "currency_not_offered": N_("Contributions in %(currency)s are not offered."),
    "period_missing": N_("The books have no open month for %(month)s."),
    "period_locked": N_("The month is closed. Book it in an open month."),
    "period_not_open": N_("The month is not open."),
    "period_not_a_month": N_("A period of the books is one whole month."),
    "period_not_forward": N_("A month moves only forward: open, closing, locked."),
    "period_out_of_order": N_("Close the earlier months first."),
    "period_not_closing": N_("The month must be closing before it is locked."),
    "period_unclosed": N_("The closing of this month was not written."),
    "period_not_locked": N_("Only the last locked month can be opened again."),
    "period_closed_already": N_("This month is closed already: its statement stands as it is."),
    "period_not_over": N_("The month is not over yet: close it on its last day or later."),
    "explanation_missing": N_("Say in writing why this stays open over the month's end."),
    "explanation_too_long": N_("Write at most %(limit)s characters."),
    "month_item_unknown": N_("This is not open at the month's end any more. Read the page again."),
    "month_paper_unknown": N_("No statement of a closed month has this hash. Copy it whole."),
    "reopening_unknown": N_("Nobody asked for this month to be opened again."),
    "closing_out_of_order": N_("The closings of a month follow one another."),
    "closing_balances_differ": N_("The closing balances differ from what is booked."),
    "dated_ahead": N_("A booking is dated at most a week ahead."),
    "id_of_another_time": N_("The number of a booking begins with the moment it is recorded."),
    "rate_unreadable": N_("This is not the file of the central bank’s rates; it holds: %(line)s."),
    "rate_unknown": N_("There is no rate for %(currency)s on or before %(day)s."),
    "account_closed": N_("This account of the books is closed."),
    "account_not_empty": N_("An account is closed only when nothing is left on it."),
    "floor_breached": N_("There is not enough on the account: nothing was booked."),
    "unbalanced": N_("Debits and credits differ, so nothing was booked (%(key)s)."),
    "too_few_postings": N_("A booking needs two lines at least (%(key)s)."),
    "key_reused": N_("This was booked before with other figures (%(key)s). Nothing was booked."),
    "recipe_unknown": N_("There is no such recipe for an entry by hand."),
    "account_not_offered": N_("This recipe does not work with the account “%(account)s”."),
    "reversal_elsewhere": N_(
        "Something of its own stands behind this entry. Undo that instead: the gift, the payment"
        " or the match."
    ),
    "manual_entry_unknown": N_("No such entry was prepared."),
    "manual_entry_decided": N_("This entry was booked or refused already."),
    "entry_matched": N_("A line of the bank is matched with this entry. Undo the match first."),
    "movement_not_in_suspense": N_("No such movement stands in suspense."),
    "movement_explained": N_("All of this movement was booked where it belongs already."),
    "explained_above_rest": N_("Only %(rest)s of this movement has no place yet."),
    "explained_too_early": N_(
        "The movement is of %(day)s; it is not booked elsewhere before that day."
    ),
    "explained_waits": N_(
        "An entry that explains this movement waits for a second person already. Refuse that one"
        " first, or take less."
    ),
    "already_reversed": N_("This booking has already been reversed."),
    "reversal_unnamed": N_("A reversal must name what it reverses."),
    "reversal_of_reversal": N_("A reversal is not reversed; book it anew."),
    "not_a_mirror": N_("A reversal must mirror its booking line by line."),
    "entry_sealed": N_("This booking is sealed. Reverse it instead of changing it."),
    "entry_unsealed": N_("This booking was never sealed."),
    "entry_unknown": N_("There is no such booking."),
    "append_only": N_("This row is part of the evidence and cannot be changed."),
    "row_exists": N_("This row is already there."),
    "isolation_unfit": N_("The database runs in a mode in which the books do not write."),
    "leaf_out_of_order": N_("The proof would lose its order."),
    "checkpoint_out_of_order": N_("The checkpoint would lose its order."),
    "fact_changed": N_("This fact was sealed with another content."),
    "fact_kind_unknown": N_("This kind of fact is not sealed."),
    "gate_closed": N_("This project cannot receive money now: %(reasons)s."),
    "day_unreadable": N_("“%(text)s” is not a day. Write it like 2026-09-30."),
    "page_unreadable": N_("This page of the list cannot be found. Start from the first one."),
    # giving
    "estimate_negative": N_("An estimate cannot be below zero."),
    "estimate_unknown": N_("There is no such estimate."),
    "estimate_unreadable": N_("This estimate cannot be read any more. Make it anew."),
    "leaf_not_sealed": N_("Only what was sealed can be placed under a checkpoint."),
    "seal_unfit": N_("The seal has not its form."),
    "account_unnamed": N_("An account needs a name of the chart, in its own currency."),
    "checkpoint_unknown": N_("There is no such checkpoint."),
    "checkpoints_unreadable": N_("This is no list of checkpoints."),
    "proof_not_yet": N_("The next checkpoint, within the hour, adds the proof."),
    "gift_unknown": N_("There is no such contribution."),
    "gift_not_payable": N_("This contribution cannot be paid any more. Start a new one."),
    "gifts_guarded": N_(
        "Somebody is trying stolen cards just now, so for about an hour we take contributions from"
        " %(limit)s on. Give that much, give by bank transfer, or come back later. Nothing was"
        " charged."
    ),
    "monthly_over": N_("This monthly contribution has ended. Nothing more is charged."),
    "monthly_not_begun": N_(
        "The first payment of this monthly contribution has not arrived yet. Look again in a"
        " moment."
    ),
    "pledge_currency": N_("This pledge is in %(currency)s. Book the line as unidentified first."),
    "transfer_not_offered": N_(
        "We have no bank account in %(currency)s. Pay by card, or choose another currency."
    ),
    "organisation_unnamed": N_("Enter the organisation's legal name."),
    "organisation_unregistered": N_(
        "Enter the organisation's registration number, as its receipt must name it."
    ),
    "gift_not_settled": N_("The money of this contribution has not arrived yet."),
    "dispute_open": N_("A dispute about this contribution is open; wait for its end."),
    "project_not_open": N_("This project does not take contributions at the moment."),
    "directive_mixed": N_("Choose one of these: a project, a theme, or several projects."),
    "overflow_same_project": N_("The next project must be another one than you chose first."),
    "split_projects": N_("Choose between two and %(most)s different projects."),
    "split_percent": N_("The parts must be whole per cent that add up to 100."),
    "split_cannot_wait": N_("A shared contribution cannot wait: choose where the rest goes."),
    "theme_unknown": N_("This theme does not take contributions at the moment."),
    "refund_unknown": N_("There is no such refund."),
    "refund_not_failed": N_("This refund did not fail, so there is nothing to keep of it."),
    "refund_nothing_owed": N_(
        "Nothing of this refund is owed any more: nothing had been taken for it, another refund"
        " paid it, or it was kept already."
    ),
    "refund_under_way": N_(
        "Another refund of this gift is under way. Wait until it arrived, or refuse it first."
    ),
    "keeping_waits": N_(
        "Somebody wrote down already that the donor leaves it with us; it waits for a second"
        " person."
    ),
    "keeping_unknown": N_("Nobody wrote down such a thing about a refund."),
    "keeping_decided": N_("Somebody has already decided about this."),
    "refund_decided": N_("Somebody has already decided about this refund."),
    "refund_above_gift": N_("Only %(left)s of this gift can go back."),
    "refund_not_by_card": N_(
        "This gift did not come through the payment service. Pay the donor back from the bank."
    ),
    "debit_too_young": N_(
        "The donor's bank may still return this debit. Wait until %(weeks)s weeks have passed, or"
        " write down who confirmed that it will not."
    ),
    "receipt_unknown": N_("There is no such receipt."),
    "issuer_incomplete": N_("A receipt of the regime “%(regime)s” also needs: %(missing)s."),
    "not_guarded": N_("Small contributions do not wait at the moment; there is nothing to end."),
    "issuer_field_wrong": N_("“%(name)s” of the issuer is not written as it should be."),
    "regime_unknown": N_("There is no regime “%(regime)s”."),
    "address_missing": N_("State the address."),
    "address_not_needed": N_("No receipt of this contribution waits for an address."),
    "gift_went_back": N_("This contribution was returned; there is nothing left to thank for."),
    "giver_without_address": N_("Nobody left a mail address with this contribution."),
    "pledge_unknown": N_("There is no such pledge."),
    "transfer_code_impossible": N_("This transfer cannot be written as a square code."),
    "already_cancelled": N_("This receipt has already been cancelled."),
    "epoch_unknown": N_("There is no such allocation run."),
    "epoch_stale": N_("Money has moved since this preview. Make a new one."),
    "epoch_inconsistent": N_("This allocation run does not add up, so nothing was allocated."),
    "already_approved": N_("This has already been approved."),
    "nothing_to_fund": N_("No project can receive money in %(currency)s now."),
    "policy_missing": N_("Approve a rule of allocation first."),
    "policy_unknown": N_("There is no such rule of allocation."),
    "weights_missing": N_("State a weight for each project."),
    "weight_not_positive": N_("A weight must be above zero."),
    "second_person_needed": N_("Another person than the one who prepared it must approve."),
    "person_needed": N_("A person must do this, not the machine."),
    "wording_changed": N_("Version %(version)s of the wording was changed after it was published."),
    "wording_unknown": N_("This wording is not known."),
    "pdf_not_ready": N_("The PDF of this receipt is being made. Come back in a few minutes."),
    "pdf_unavailable": N_("PDF files cannot be made on this machine."),
    "gift_settled": N_("The contribution %(reference)s has already been received."),
    # processor
    "processor_unreachable": N_(
        "The payment service does not answer. Nothing was charged; try again in a minute."
    ),
    "processor_refused": N_("The payment service refused this. Nothing was charged."),
    "processor_key_reused": N_("The payment service knows this attempt with other figures."),
    "processor_object_unknown": N_("The payment service does not know this payment."),
    "event_unreadable": N_("This notice of the payment service cannot be read."),
    "livemode_mismatch": N_("This notice belongs to another mode of the payment service."),
    "secret_missing": N_("No secret for notices of the payment service is set."),
    "signature_wrong": N_("The signature of this notice is wrong."),
    "signature_stale": N_("The signature of this notice is too old."),
    "mail_unreachable": N_("The mail server does not answer. The mail waits."),
    "mail_address_unusable": N_("This address cannot be written to."),
    "mail_template_unknown": N_("There is no mail called “%(template)s”."),
    # projects
    "project_unknown": N_("There is no such project here."),
    "project_closed": N_("This project takes no changes in its present state."),
    "project_withdrawn": N_("This project was withdrawn. Its money stays in the public ledger."),
    "application_incomplete": N_("Still missing: %(missing)s."),
    "no_draft": N_("There is no draft to change."),
    "no_such_step": N_("This step is not possible now."),
    "version_pending": N_("A version is already being looked at; wait for the answer."),
    "slug_taken": N_("Another project has this address."),
    "slug_unusable": N_(
        "Use small letters, digits and hyphens for the address, such as %(nearest)s."
    ),
    "organisation_known": N_("An organisation called “%(name)s” is already here."),
    "organisation_unknown": N_("There is no such organisation."),
    "country_unknown": N_("There is no country with this code."),
    "country_missing": N_("State the country."),
    "name_missing": N_("State the name."),
    "title_missing": N_("Give it a title."),
    "body_missing": N_("Write the text."),
    "alt_missing": N_("Say in a few words what the picture shows, for people who do not see it."),
    "consent_missing": N_("Confirm that the people in the picture agreed."),
    "language_unknown": N_("Texts can be in English, French or Spanish."),
    "too_long": N_("This is longer than %(longest)s characters."),
    "too_many_files": N_("No more than %(highest)s files."),
    "mail_unreadable": N_("This mail cannot be read."),
    "inbox_unreachable": N_("The mail server does not answer now. Try again later."),
    "sheet_type_refused": N_("This is no spreadsheet in XLSX form, or it carries macros."),
    "sheet_too_large": N_("This spreadsheet is larger than 20 MB."),
    "sheet_hostile": N_("This spreadsheet unpacks to far more than a spreadsheet holds."),
    "sheet_formula": N_("Row %(row)s: formulas are not taken. Write the value itself."),
    "sheet_too_long": N_("This spreadsheet has too many rows or columns."),
    "sheet_cell_long": N_("Row %(row)s: a cell holds at most %(longest)s characters."),
    "sheet_unreadable": N_("This spreadsheet cannot be read. Save it as XLSX and try again."),
    "sheet_other": N_(
        "This is not the spreadsheet of this project. Download it here and fill it in again."
    ),
    "sheet_line_twice": N_("This line stands in row %(first)s already."),
    "sheet_line_unknown": N_("This line is not one of ours. Add no lines; leave the first column."),
    "sheet_unknown": N_("There is no such spreadsheet."),
    "photo_missing": N_("Choose a photo first."),
    "form_key_missing": N_("This form has lost its key. Open it anew; your words are kept."),
    "draft_unfinished": N_("Something is left before this can be handed in; see the list."),
    "helper_unknown": N_("No organisation of this name is known here. It must register first."),
    "helper_itself": N_("An organisation needs no consent to help itself."),
    "helper_end_unusable": N_("Give a day from today to %(latest)s: a consent has an end."),
    "helper_consented": N_("This consent holds already, until %(ends_on)s."),
    "consent_words_missing": N_("Say in your own words what you agree to."),
    "consent_unknown": N_("There is no such consent."),
    "nothing_sent": N_("This payment has not been sent, so nothing can have arrived."),
    "received_on_unusable": N_("Give a day from %(earliest)s to today."),
    "local_amount_unreadable": N_("“%(text)s” is not an amount. Write it like 196787 or 300.50."),
    "local_currency_unknown": N_("Give the money by its three letters, such as XOF, KES or MXN."),
    "too_many_photos": N_("No more than %(highest)s photos for one update."),
    "file_too_large": N_("This file is larger than it may be."),
    "file_type_refused": N_("This kind of file is not accepted here."),
    "file_unknown": N_("There is no such file."),
    "photo_too_large": N_("This photo is larger than it may be. Make it smaller, then try again."),
    "photo_unknown": N_("There is no such photo."),
    "photo_withdrawn": N_(
        "This photo was taken down, because somebody in it no longer agrees. Choose another one."
    ),
    "photo_unreadable": N_("This file cannot be read as a photo. JPEG, PNG and WebP are."),
    "phrases_found": N_("These words are not used here: %(phrases)s."),
    "update_fixed": N_("This update was published and cannot be changed. Write a new one."),
    "update_not_submitted": N_("This update has not been handed in."),
    "update_unknown": N_("There is no such update."),
    "question_unknown": N_("There is no such question."),
    "answer_missing": N_("Write an answer."),
    "answer_unusable": N_("This answer cannot be used. Look at what the question asks for."),
    "value_unusable": N_("This is not a figure that can be used."),
    "source_missing": N_("Name the source."),
    "evidence_missing": N_("Name the evidence."),
    "evidence_needed": N_("This needs evidence first."),
    "evidence_unknown": N_("There is no such evidence."),
    "day_in_future": N_("This day is still to come."),
    "days_out_of_order": N_("The days do not follow one another."),
    "laboratory_missing": N_("Name the laboratory."),
    "too_shallow": N_("Samples must reach %(lowest)s cm at least."),
    "measurement_unknown": N_("There is no such measurement."),
    "measurement_not_submitted": N_("This measurement has not been handed in."),
    "indicator_unknown": N_("There is no such indicator."),
    "outcome_unknown": N_("There is no such outcome."),
    "outcome_superseded": N_("A newer outcome has taken its place."),
    "outcome_not_open": N_("This outcome is not open to choose."),
    "rate_blocked": N_("This rate cannot be used."),
    # assessment
    "assessment_unknown": N_("There is no such assessment."),
    "assignment_unknown": N_("You are not assigned here."),
    "criteria_unknown": N_("There is no such set of criteria."),
    "criteria_unusable": N_("This set of criteria cannot be used."),
    "criteria_version_known": N_("Version %(version)s of the criteria is already here."),
    "criterion_unknown": N_("There is no such criterion."),
    "grade_unknown": N_("“%(grade)s” is not a grade of this scale."),
    "no_criteria": N_("No set of criteria has been published yet."),
    "scores_missing": N_("Grades still missing: %(missing)s."),
    "summary_missing": N_("Write a summary."),
    "recommendations_missing": N_("Write the recommendations."),
    "recommendations_unexpected": N_("This decision carries no recommendations."),
    "recommendation_unknown": N_("There is no such recommendation."),
    "recommendation_answered": N_("This recommendation has been answered."),
    "condition_missing": N_("State the condition."),
    "condition_unknown": N_("There is no such condition."),
    "condition_closed": N_("This condition is closed."),
    "ceiling_not_positive": N_("The ceiling must be above zero."),
    "decision_expired": N_("The decision expired on %(expires_on)s."),
    "no_positive_decision": N_("There is no positive decision of the committee."),
    "declaration_missing": N_("Declare first whether you have an interest in this project."),
    "call_known": N_("There is a call by that name already."),
    "call_not_open": N_("This application belongs to the call “%(name)s”, which is not open yet."),
    "call_shortened": N_("A call never closes earlier than was announced."),
    "call_unknown": N_("There is no such call."),
    "calls_closed": N_(
        "Every call is closed and none is announced. Your draft is kept for the next one."
    ),
    "calls_overlap": N_("Another call is open on some of these days."),
    "closes_before_opening": N_("The last day lies before the first."),
    "decision_holds": N_("The decision has not run out yet."),
    "decision_missing": N_("The committee has not decided."),
    "due_in_the_past": N_("Choose a day that lies ahead."),
    "expertise_unknown": N_("One of these fields is not known here."),
    "handed_already": N_("This criterion was handed on already; another seat must grade it."),
    "handover_refused": N_(
        "Hand it on to another seat of this assessment whose review is not in yet."
    ),
    "institution_missing": N_("The institution of this member is not noted."),
    "letter_unknown": N_("There is no such letter."),
    "no_questions": N_("Nobody has asked anything."),
    "not_admitted": N_("The secretariat has not admitted this project."),
    "questions_sent": N_("The questions about this version were sent already."),
    "reviews_complete": N_("The reviews are complete."),
    "reviews_missing": N_("A review is still missing."),
    "too_many": N_("At most %(highest)s, please."),
    "year_not_over": N_("The letter is written when the year is over."),
    "interest_declared": N_("Somebody with a declared interest cannot take this seat."),
    "conflict_of_interest": N_("This person has a tie to the project (%(tie)s)."),
    "consensus_closed": N_("The consensus is closed."),
    "review_closed": N_("Reviewing is closed."),
    "review_submitted": N_("This review has been handed in and stays as it is."),
    "not_eligible": N_("This person cannot take this seat."),
    "not_rapporteur": N_("Only the rapporteur of this assessment may do this."),
    "not_reviewer": N_("Only a reviewer of this assessment may do this."),
    "quorum_missing": N_("%(reviews)s of %(quorum)s reviews are there."),
    "seats_missing": N_("%(reviewers)s of %(quorum)s reviewers are assigned."),
    "seat_taken": N_("This seat is taken."),
    "role_missing": N_("This person does not hold the role that the seat needs."),
    "same_person": N_("Another person must do this: you did the step before."),
    "step_unknown": N_("There is no such step."),
    "too_late": N_("It is too late for this."),
    # treasury
    "bank_account_known": N_("The bank account %(code)s is already here."),
    "bank_account_unknown": N_("There is no such bank account."),
    "bank_line_unknown": N_("There is no such line of the bank."),
    "account_number_wrong": N_("This account number cannot be right."),
    "iban_wrong": N_("This IBAN cannot be right: a digit is wrong or missing."),
    "bic_wrong": N_("This BIC cannot be right."),
    "bic_missing": N_("State the BIC of the bank."),
    "holder_missing": N_("State who holds the account."),
    "note_missing": N_("Write a note: it stays with the act."),
    "payee_unknown": N_("There is no such payee."),
    "payee_missing": N_("This project has no checked account to pay to."),
    "payee_waiting": N_("An account of this project is still waiting to be checked."),
    "payee_checked": N_("This account has already been checked."),
    "payee_changed": N_("The payee's account has changed since. Prepare the payment anew."),
    "payment_unknown": N_("There is no such payment."),
    "payment_decided": N_("The payment %(number)s has already been decided."),
    "payment_not_sent": N_("The payment %(number)s has not been sent."),
    "payout_unknown": N_("There is no such payout."),
    "purpose_missing": N_("State what the payment is for."),
    "line_matched": N_("This line has already been matched."),
    "subject_matched": N_("This has already been matched with another line."),
    "subject_unknown": N_("There is nothing like this to match with."),
    "match_unknown": N_("There is no such match."),
    "match_undone": N_("This match has already been undone."),
    "match_not_undoable": N_("This payment came back since. Undo the match of its return first."),
    "match_amount_differs": N_("The amounts differ: %(wanted)s is needed."),
    "match_wrong_side": N_("Money in does not match money out."),
    "nothing_ticked": N_("Tick a line first."),
    "too_many_ticked": N_("At most %(most)s lines are confirmed at once."),
    "apart_unknown": N_("No such money stands apart."),
    "receipt_rest": N_("Only %(rest)s of it is not explained yet."),
    "receipt_of_processor": N_("It came by card. Give it back at the payment processor."),
    "answer_unknown": N_("There is no such answer."),
    "answer_decided": N_("A second person has already decided."),
    "answer_undone": N_("This has already been taken back."),
    "answer_not_booked": N_("Nothing stands in the books for it."),
    "answer_left": N_("The bank has sent it. Undo the match of its line first."),
    "notice_unknown": N_("There is no such notice."),
    "notice_erased": N_("What it spoke of was erased: it cannot be read again."),
    "parts_missing": N_("State the parts."),
    "parts_exceed_line": N_("The parts are more than the line: %(rest)s too much."),
    "contributions_closed": N_(
        "Contributions are not accepted at the moment. Nothing was charged; please come back later."
    ),
    "downgrade_loses": N_("Going back would throw away what was written since: %(what)s."),
    "off_site_failed": N_("The command that carries the archive away failed: %(said)s."),
    "identity_missing": N_("The archive is closed: give the file with the secret key."),
    "archive_closed": N_("The archive was closed to another key."),
    "backup_none": N_("There is no archive yet; make one first."),
    "move_only_to_server": N_("A house moves from an SQLite file to a PostgreSQL address."),
    "move_differs": N_("%(table)s differs after the move, so nothing was moved."),
    "webhook_secret_missing": N_("The processor told no secret for its notices; try again."),
    "installation_mode": N_("This database was made for something else; make another one."),
    "installation_used": N_("There are people in this database already; make another one."),
    "setting_reserved": N_("This setting has its own page, since it takes two people."),
    "not_ready": N_("Lines of the ready list are still red: %(lines)s."),
    "already_open": N_("Contributions are accepted already."),
    "already_closed": N_("Contributions are closed already."),
    "opening_not_asked": N_(
        "Nobody has asked for it yet; ask first, and let another person agree."
    ),
    "job_running": N_("The jobs are running already; see who has them on the dashboard."),
    "two_people_needed": N_("Two different people must do this."),
    "period_unexplained": N_(
        "The month of %(month)s is not explained yet: %(reasons)s. Nothing was closed."
    ),
    "match_period_closed": N_(
        "This was matched in a month that is closed (%(month)s). Two people reopen the month first."
    ),
    "gift_moved": N_("This gift was given back since, so its match stays."),
    "rule_name_missing": N_("Give the rule a name."),
    "rule_books_unknown": N_("Say whether the rule is for charges or for interest."),
    "rule_words": N_("State the words to look for, one a line, each of three letters or more."),
    "rule_ceiling": N_("State up to which amount the rule holds, at most %(highest)s."),
    "rule_unknown": N_("There is no such rule."),
    "rule_stopped": N_("This rule was stopped already."),
    "rule_does_not_take": N_("This rule does not take this line any more. Look at it again."),
    "mapping_column_missing": N_("Say which column holds this."),
    "mapping_unknown": N_("“%(value)s” is not one of the choices."),
    "report_columns": N_(
        "The report lacks these columns: %(missing)s. Choose the itemised payout reconciliation."
    ),
    "report_payout_missing": N_("The report of payouts lacks %(payout)s. Nothing was imported."),
    "report_empty": N_("There is no payout in this report."),
    "report_amount": N_("“%(text)s” in row %(row)s is not an amount that adds up."),
    "report_time": N_("“%(text)s” in row %(row)s is not a time."),
    "report_file_missing": N_("Choose this report as well: two of them belong together."),
    "report_sum": N_(
        "The movements of %(payout)s make %(items)s, the payout is %(payout_net)s."
        " Nothing was imported."
    ),
    # statements of the bank
    "statement_dates": N_(
        "The days of statement %(statement)s are out of order: %(later)s comes after %(earlier)s."
        " Nothing was imported."
    ),
    "statement_intraday": N_(
        "This is a report of the running day (CAMT.052). Choose the statement (CAMT.053)."
        " Nothing was imported."
    ),
    "statement_kind_unknown": N_(
        "This is no file of a bank that we can read. Choose CAMT.053, CAMT.054, MT940, CSV or XLSX."
    ),
    "statement_needs_mapping": N_(
        "This is a table. Choose its account, and say once which column holds what."
    ),
    "statement_of_processor": N_(
        "This is a report of Stripe, not of a bank. Read it in at Stripe’s reports of past payouts."
    ),
    "statement_not_a_table": N_("This file is not a table, so it needs no mapping."),
    "statement_closing_missing": N_(
        "This table has no balances. State the closing balance that your bank shows."
    ),
    "statement_encoding": N_("This file is not written in %(encoding)s. Choose another encoding."),
    "statement_table": N_("The table cannot be read at row %(row)s. Nothing was imported."),
    "statement_formula": N_("There is a formula in row %(row)s. Only plain values are read."),
    "statement_heading": N_("These columns were not found: %(missing)s. Check the mapping."),
    "statement_line": N_("“%(text)s” cannot be read as a line. Nothing was imported."),
    "statement_known": N_("This statement was imported on %(imported_at)s. Nothing was imported."),
    "statement_conflict": N_(
        "Another import of this statement ran at the same time. Look at the list."
    ),
    "statement_wrong_account": N_(
        "This statement is of another account (%(account)s). Nothing was imported."
    ),
    "statement_currency": N_(
        "The statement %(statement)s is in %(found)s, the account in %(currency)s. Nothing "
        "was imported."
    ),
    "statement_currency_unknown": N_(
        "The currency %(currency)s is not known here. Nothing was imported."
    ),
    "statement_unbalanced": N_(
        "Statement %(statement)s: opening %(opening)s and lines %(lines)s do not make the "
        "closing %(closing)s (difference %(difference)s). Nothing was imported."
    ),
    "statement_ahead": N_(
        "Statement %(statement)s closes on %(closed_on)s, a day that is still to come. Nothing was"
        " imported."
    ),
    "statement_too_early": N_(
        "Statement %(statement)s closes on %(closed_on)s, but this account is told up to %(since)s"
        " already. Nothing was imported."
    ),
    "statement_gap": N_(
        "Statement %(statement)s opens with %(opening)s, but %(expected)s was expected: a "
        "statement is missing between. Nothing was imported."
    ),
    "statement_overlap": N_(
        "Statement %(statement)s repeats lines that are already here. Nothing was imported."
    ),
    "statement_amount": N_("“%(text)s” is not an amount (%(where)s). Nothing was imported."),
    "statement_amount_precise": N_(
        "“%(text)s” has more than %(places)s decimals (%(where)s). Nothing was imported."
    ),
    "statement_batch_differs": N_(
        "The parts of a batch do not add up to its amount (%(amount)s). Nothing was imported."
    ),
    "statement_date": N_("“%(text)s” is not a date (%(where)s). Nothing was imported."),
    "statement_empty": N_("The file is empty."),
    "statement_none": N_(
        "There is no whole statement in this file: none has an opening and a closing balance."
        " Ask the bank for the complete file. Nothing was imported."
    ),
    "statement_notice_empty": N_(
        "This notification tells of nothing that is booked. Nothing was imported."
    ),
    "statement_notice_unnamed": N_(
        "The entries of notification %(statement)s carry no reference of the bank, so they cannot"
        " be found on a statement. Import the statement itself (CAMT.053). Nothing was imported."
    ),
    "statement_no_rows": N_(
        "There is no row with a date and an amount below the headings. Nothing was imported."
    ),
    "statement_closing_differs": N_(
        "You stated the closing balance %(stated)s, but the table ends with %(closing)s. Nothing"
        " was imported."
    ),
    "statement_heading_twice": N_(
        "The column “%(column)s” stands twice in this table. Give each its own name, or choose"
        " another column. Nothing was imported."
    ),
    "statement_hostile": N_(
        "This file carries a document type or entities, which statements never do. Nothing "
        "was imported."
    ),
    "statement_incomplete": N_("The statement lacks %(missing)s. Nothing was imported."),
    "statement_not_xml": N_(
        "This file is not well-formed XML (line %(line)s): it may be cut short. Download it from"
        " the bank once more. Nothing was imported."
    ),
    "statement_too_deep": N_(
        "This file is nested deeper than any statement. Nothing was imported."
    ),
    "statement_too_large": N_("This file is larger than %(megabytes)s MB. Nothing was imported."),
    "statement_too_many_lines": N_(
        "This file has more than %(lines)s lines. Nothing was imported."
    ),
    # books on their way out and back
    "export_unknown": N_("There is no such export. The option --list names them all."),
    "export_period_reversed": N_("The first day (%(since)s) is after the last one (%(until)s)."),
    "export_empty": N_("The books hold nothing from %(since)s to %(until)s. No file was written."),
    "export_one_year": N_("This kind is one file a year. Choose days of one year."),
    "export_place_missing": N_("The folder for the file does not exist."),
    "export_not_a_fiscal_year": N_("A FEC begins on 1 January and stays within its year."),
    "export_month_open": N_(
        "The month of %(month)s is not closed. Close it first; no file was written."
    ),
    "export_rate_missing": N_(
        "There is no rate for %(currency)s on %(day)s in the setting “fec”. No file was written."
    ),
    "backup_place_missing": N_("The folder for the archive does not exist."),
    "backup_exists": N_("There is a file of that name already. A backup never replaces another."),
    "backup_nothing_there": N_("There is no database %(place)s to copy."),
    "backup_program_failed": N_("%(program)s failed. It said: %(said)s."),
    "archive_broken": N_(
        "The archive is cut off, changed or none of ours (%(why)s). Nothing was restored."
    ),
    "restore_not_empty": N_(
        "There is a database here already, or there are files. Restore into an empty place."
    ),
    "restore_engine": N_(
        "The archive holds a %(engine)s database; the address names the other engine."
    ),
    "restore_revision": N_(
        "The archive was made by tables at %(found)s, this program has %(wanted)s."
        " Restore it with the release that made it."
    ),
    "restore_differs": N_(
        "What was restored is not what the archive says: %(what)s. Nothing was kept."
    ),
    # soil that is sampled
    "areas_exceed": N_(
        "The strata add up to %(strata)s ha; the project has %(project)s ha of land."
    ),
    "baseline_not_taken": N_("The baseline of this round has no samples yet. Hand them in first."),
    "baseline_unfit": N_("This round cannot be a baseline."),
    "core_foreign": N_("These samples belong to another project."),
    "day_too_far": N_("This day is too far away."),
    "deeper_than_baseline": N_(
        "The baseline reaches %(highest)s cm; a later round cannot go deeper."
    ),
    "depth_beyond": N_("Samples reach %(highest)s cm at most."),
    "draft_unknown": N_("This file was not checked, or another was checked since. Check it again."),
    "file_differs": N_("These are not the bytes that were checked. Nothing was stored."),
    "file_faulty": N_("The file has faults now. Nothing was stored; check it again."),
    "file_of_round": N_(
        "Exactly this file was already handed in for round %(number)s. Each round has its own."
    ),
    "layers_none": N_("The file is empty: the first row must name the columns."),
    "layers_too_many": N_("More than %(most)s layers in one file. Split it by stratum and round."),
    "method_missing": N_("Name the method of the laboratory."),
    "outcome_stands": N_(
        "An outcome of this sampling stands already. Name it as the one that this replaces, and say"
        " why."
    ),
    "projection_missing": N_(
        "No projection of this project was sealed yet. It comes before any core: ask the"
        " secretariat to publish it, then hand the samples in."
    ),
    "round_called_off": N_("This round was called off."),
    "round_has_file": N_(
        "This round already has its samples. Say why this file takes their place; both stay on"
        " record."
    ),
    "round_taken": N_("The samples of this round are here; it cannot be called off any more."),
    "round_unknown": N_("There is no such round of sampling."),
    "sheet_active": N_("This workbook holds programs or links to other files. Save its values."),
    "sheet_broken": N_("The file is damaged and cannot be read on."),
    "sheet_encoding": N_("The letters of this file cannot be read. Save it as UTF-8."),
    "sheet_kind_unknown": N_("This is no table that can be read. CSV and XLSX can."),
    "sheet_old": N_("This is a workbook of the old kind. Save it as XLSX or CSV."),
    "sheet_which": N_(
        "Several sheets are visible (%(found)s). Name the one to read “%(wanted)s”, or hide the"
        " others."
    ),
    "soil_sampled": N_(
        "The soil of this project was sampled on %(day)s. A projection is sealed before any core is"
        " taken, and never after."
    ),
    "strata_missing": N_("Name the strata with their areas, from one to %(highest)s."),
    "stratum_named_twice": N_("Two strata have the same name."),
    "stratum_unfit": N_(
        "A stratum needs a name, an area above zero and at least %(fewest)s cores."
    ),
    # soil arithmetic
    "no_strata": N_("State the strata of the sampling."),
    "no_layers": N_("State the layers of the sampling."),
    "no_spread": N_("All pairs of a stratum are equal; the spread cannot be computed."),
    "too_few_pairs": N_("A stratum needs two pairs of samples at least."),
    "too_few_cores": N_("A stratum needs two cores of each round at least."),
    "value_impossible": N_("One of the figures cannot be right."),
    "mass_not_reached": N_("The samples do not reach the reference mass of soil."),
    "nothing_changes": N_("Nothing changes between the two states."),
    "no_default": N_("There is no published default for this case."),
    "wet_soil": N_("The published defaults do not hold for wet soil."),
    "land_mixed": N_("The factors belong to different uses of land."),
    "temperature_unknown": N_("There is no published value for this temperature."),
    "feedstock_unknown": N_("This feedstock is not known."),
    "agroforestry_unknown": N_("This kind of agroforestry is not known."),
    # the life of a project
    "child_faces_unconfirmed": N_("Confirm that no child's face can be recognised on the photo."),
    "photo_heic": N_(
        "This is a HEIC photo. Set the camera to “most compatible” (JPEG) and send it again."
    ),
    "photo_animated": N_("This is a moving picture. Send a photo that stands still."),
    "photo_two_files": N_(
        "There is something else in this file besides a photo. Send a plain photo."
    ),
    "photos_seen_before": N_(
        "A photo stood at another project before (%(projects)s). Say why it may stand here too."
    ),
    "correction_begun": N_("A correction of this update has been begun already."),
    "update_not_published": N_("Only what was published can be corrected."),
    "milestone_unknown": N_("There is no such milestone."),
    "milestone_open": N_("This milestone is open."),
    "milestone_over": N_("This milestone is done or was given up. Reopen it first."),
    "too_many_milestones": N_("No more than %(highest)s milestones."),
    "day_unusable": N_("This day lies too far away. Look at the year."),
    "proof_missing": N_("Say what shows it: a list, a photo, a paper, who counted."),
    "day_missing": N_("State the day."),
    "two_years": N_("These days lie in two years. Report each year by itself."),
    "before_project": N_("These days lie before the project began."),
    "period_reported": N_("Some of these days are in a report already. Correct that one instead."),
    "thing_unknown": N_("There is no such thing, or you may not see it."),
    "donor_unknown": N_("There is no such giver."),
    "donor_forgotten": N_("This giver asked to be forgotten. Nothing is written down again."),
    "nothing_changed": N_("Nothing is different from what stands here already."),
    "mail_unknown": N_("There is no such mail."),
    "mail_not_given_up": N_("This mail was sent, or is still being tried."),
    "form_unknown": N_("A list is a CSV file or a workbook, nothing else."),
    "year_unreadable": N_("Write the year with four digits."),
    "sample_size": N_("Choose between 1 and %(most)s entries."),
    "sample_seed": N_("Write a word as the seed, at most %(longest)s characters."),
    "sample_empty": N_("No entry of these days moved this currency."),
    "statement_unknown": N_("There is no such statement."),
    "report_unknown": N_("There is no such report."),
    "report_checked": N_("This report was answered already."),
    "report_corrected": N_("Another correction of this report was accepted first."),
    "project_not_admitted": N_("The project was not admitted yet."),
    "budget_line_unknown": N_("The budget has no such line."),
    "spent_above_paid": N_(
        "More is reported as spent (%(spent)s) than was paid to the project (%(paid)s)."
        " Say why: from what was it paid?"
    ),
    "year_unusable": N_("This is not a year that can be planned for."),
    "area_above_project": N_("This is more land than the whole project has (%(area)s ha)."),
    "parts_above_people": N_("A part of the people cannot be more than all of them."),
    "reversal_unknown": N_("There is no such report of a loss."),
    "reversal_corrected": N_("This report was corrected already. Look at the newer one."),
    "percent_unusable": N_("Write per cents between 0 and 100; those for low incomes are higher."),
    "not_price_support": N_("This project does not support prices. Say so first."),
    "mail_choice_unknown": N_("This link leads nowhere. Perhaps a part of it was lost."),
    # followers and concerns
    "text_missing": N_("Write what you want to say first."),
    "concern_unknown": N_("There is no concern behind this link. Look whether it is complete."),
    "concern_closed": N_("This concern is closed. Raise another one if something is new."),
    "concern_proposed": N_(
        "An answer is proposed already: somebody else closes it or sends it back."
    ),
    "concern_not_proposed": N_("Somebody proposes an answer first."),
    "concern_twice": N_(
        "The same words about this project arrived a short while ago: they were taken once."
    ),
    "too_many_messages": N_("%(highest)s messages are enough for one concern. Raise another one."),
    "follow_unknown": N_("Nobody follows anything by this link: it was left, or it is too old."),
    "too_many_followed": N_("One address follows %(highest)s projects at most."),
    "field_not_empty": N_("Leave the last field empty: only machines fill it."),
    # the land of applications
    "outline_missing": N_("Write corners or paste GeoJSON first."),
    "outline_too_large": N_("This outline is larger than %(highest)s MB. Simplify it first."),
    "outline_no_json": N_(
        "This is no GeoJSON: it cannot be read at line %(line)s, column %(column)s."
    ),
    "outline_no_geojson": N_(
        "This is no GeoJSON: a Polygon, MultiPolygon, Feature or FeatureCollection is wanted."
    ),
    "outline_no_feature": N_("This FeatureCollection holds no feature."),
    "outline_no_feature_here": N_("Feature %(feature)s is no object."),
    "outline_too_many": N_("There are more than %(highest)s pieces of land in it."),
    "outline_too_fine": N_(
        "It has %(corners)s corners; %(highest)s are enough for any land. Simplify it first."
    ),
    "outline_no_polygon": N_("Feature %(feature)s is no Polygon or MultiPolygon, but “%(kind)s”."),
    "outline_empty": N_("Feature %(feature)s has no corners."),
    "outline_other_crs": N_(
        "The coordinates are not in degrees of longitude and latitude (WGS 84). Save it so."
    ),
    "outline_line": N_(
        "Line %(row)s is no corner: write latitude and longitude, such as 13.5123, 2.1098."
    ),
    "outline_too_few": N_(
        "Feature %(feature)s, ring %(ring)s: an outline needs three different corners at least."
    ),
    "outline_open": N_(
        "Feature %(feature)s, ring %(ring)s is not closed: its last corner must be its first."
    ),
    "outline_antimeridian": N_(
        "Feature %(feature)s, ring %(ring)s crosses the 180th meridian. Cut it in two there."
    ),
    "outline_no_corner": N_(
        "Feature %(feature)s, ring %(ring)s, corner %(corner)s: two numbers are wanted,"
        " longitude and latitude."
    ),
    "outline_off_earth": N_(
        "Feature %(feature)s, ring %(ring)s, corner %(corner)s lies outside longitude −180 to 180"
        " or latitude −90 to 90."
    ),
    "outline_antarctic": N_(
        "Feature %(feature)s, ring %(ring)s, corner %(corner)s lies south of 60° south, where"
        " nobody farms. GeoJSON writes the longitude first: are the two swapped?"
    ),
    "outline_crosses": N_(
        "Feature %(feature)s, ring %(ring)s crosses or touches itself near %(near)s"
        " (latitude, longitude)."
    ),
    "outline_hole_outside": N_(
        "Feature %(feature)s: the hole in ring %(ring)s lies outside its outline."
    ),
    "outline_hole_in_hole": N_(
        "Feature %(feature)s: the hole in ring %(ring)s lies inside another hole."
    ),
    "outline_rings_cross": N_(
        "Feature %(feature)s: two of its rings cross or touch near %(near)s (latitude, longitude)."
    ),
    "outline_parts_overlap": N_(
        "Feature %(feature)s: its parts %(ring)s and %(other)s lie over one another."
    ),
    "outline_too_small": N_("Feature %(feature)s is smaller than %(least)s hectares."),
    "outline_too_wide": N_("Feature %(feature)s is larger than %(highest)s hectares."),
    "script_in_text": N_(
        "Line %(row)s holds “%(found)s”, which would act on a page. Write it in words."
    ),
    "outline_over_site": N_(
        "Feature %(feature)s lies over “%(name)s” of this application: %(hectares)s hectares would"
        " count twice."
    ),
    "outline_swapped": N_(
        "Feature %(feature)s lies %(km)s km from the land stated here; with longitude and latitude"
        " exchanged it would lie there. GeoJSON writes the longitude first."
    ),
    "outline_known": N_("Feature %(feature)s is on the list already."),
    "too_many_sites": N_("An application holds %(highest)s pieces of land at most."),
    "site_unknown": N_("There is no such piece of land."),
    # the documents of applications
    "file_no_pdf": N_("This is no PDF. Save the document as a PDF first."),
    "file_known": N_("This document is on the list already, as “%(name)s”."),
    "files_too_large": N_("All documents together may have %(highest)s MB at most."),
    "file_is_evidence": N_(
        "This document is named as evidence for %(criteria)s. Change that first."
    ),
    "pdf_broken": N_("This PDF is damaged or incomplete. Save it again, then try once more."),
    "pdf_encrypted": N_("This PDF is protected by a password. Save it without one."),
    "pdf_too_long": N_("This PDF has more than %(highest)s pages. Split it first."),
    "pdf_active_script": N_("This PDF holds a script. Print it to a new PDF first."),
    "pdf_active_launch": N_("This PDF opens other files or programs. Print it to a new PDF first."),
    "pdf_active_embedded": N_(
        "This PDF holds other files. Take them out, or print it to a new PDF first."
    ),
    "pdf_active_media": N_("This PDF holds sound, film or 3D. Print it to a new PDF first."),
    "pdf_active_form": N_("This PDF is a form that sends data. Print it to a new PDF first."),
    "pdf_active_action": N_(
        "This PDF does something by itself when it is read. Print it to a new PDF first."
    ),
    "evidence_file_absent": N_(
        "Criterion %(criterion)s, evidence %(row)s: this document is not on the list."
    ),
    "page_absent_in_file": N_(
        "Criterion %(criterion)s, evidence %(row)s: “%(name)s” has %(pages)s pages, there is no"
        " page %(page)s."
    ),
    # people who apply, and what they are asked
    "organisation_role_lacks": N_("Your role in this organisation does not include this."),
    "too_many_drafts": N_(
        "This organisation has %(highest)s drafts already. Finish or withdraw one first."
    ),
    "member_already": N_("This person belongs to the organisation already."),
    "member_unknown": N_("There is no such person in this organisation."),
    "too_many_invitations": N_("%(highest)s invitations are open. Wait for answers first."),
    "too_many_members": N_("An organisation has %(highest)s people at most here."),
    "invitation_unknown": N_("There is no such invitation."),
    "invitation_over": N_(
        "This invitation was used, taken back, or is too old. Ask for a new one."
    ),
    "staff_no_steward": N_(
        "People of the secretariat or the committee cannot join an organisation that applies."
    ),
    "last_person": N_("The last person cannot leave an organisation. Invite somebody first."),
    "last_lead": N_("Somebody must answer for the organisation. Give that role to another first."),
    "question_missing": N_("Write the question."),
    "question_gone": N_("There is no such question."),
    "question_answered": N_("This question has its answer already."),
    "too_many_questions": N_("%(highest)s questions wait for an answer already."),
    "days_unusable": N_("Write a number of days from 1 to %(highest)s."),
    "not_in_assessment": N_("This application is not being assessed now."),
    # carbon that is registered elsewhere
    "application_unknown": N_("There is no such application."),
    "ongoing_no_money": N_(
        "This application asks for recognition of a running project, not for money. It cannot be"
        " admitted."
    ),
    "registered_elsewhere": N_(
        "Carbon of this land is registered or sold elsewhere. Record first why the project may be"
        " admitted all the same."
    ),
    "nothing_registered": N_("Nothing is registered elsewhere; there is nothing to explain."),
    "reason_recorded": N_("The reason is recorded already."),
    "plan_missing": N_("The plan names no strata with cores and spread yet."),
}

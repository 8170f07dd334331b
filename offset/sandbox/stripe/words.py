"""What does the stand-in's payment page say, in English, French and Spanish?"""

from collections.abc import Mapping
from typing import Final

from werkzeug.datastructures import LanguageAccept

from offset.sandbox.stripe.portal_words import MONTHLY_WORDS

LANGUAGES: Final = ("en", "fr", "es")

_PAYING: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "stand_in": "Test stand-in: no real payment is made here, and no card is charged.",
        "title": "Payment",
        "bank_title": "Your bank asks",
        "back": "Back without paying",
        "total": "Total",
        "email": "E-mail",
        "name": "Name on the card or account",
        "card": "Card",
        "number": "Card number",
        "expiry": "Expiry (MM / YY)",
        "cvc": "Security code",
        "pay_card": "Pay {amount} by card",
        "sepa": "SEPA direct debit",
        "iban": "IBAN",
        "mandate": (
            "By giving your IBAN you allow the receiver, and Stripe as its payment service"
            " provider, to send instructions to your bank to debit your account, and your bank to"
            " debit your account in accordance with those instructions. You are entitled to a"
            " refund from your bank under the terms of your agreement with it; a refund must be"
            " claimed within 8 weeks from the date the account was debited."
        ),
        "pay_sepa": "Pay {amount} by SEPA debit",
        "faults": "Please check this:",
        "fault": "Error",
        "email_wrong": "Your e-mail address is incomplete.",
        "number_wrong": "Your card number is incomplete or wrong.",
        "expiry_wrong": "Your card's expiry date is incomplete or past.",
        "cvc_wrong": "Your card's security code is incomplete.",
        "iban_wrong": "Your IBAN is incomplete or wrong.",
        "name_wrong": "Please give the name of the account holder.",
        "declined": "Your card was declined.",
        "insufficient_funds": "Your card has insufficient funds.",
        "expired_card": "Your card has expired.",
        "unrecognised": "Your bank could not recognise you. Please try again or use another card.",
        "test_cards": "Test cards",
        "test_paid": "paid",
        "test_bank": "the bank asks first (3-D Secure)",
        "test_declined": "declined",
        "test_iban": "Test IBANs",
        "test_iban_paid": "accepted, arrives later",
        "test_iban_failed": "accepted, fails later",
        "bank_text": "The stand-in for your bank asks: is this payment of {amount} yours?",
        "complete": "Complete",
        "fail": "Fail",
        "closed_title": "This payment page is closed",
        "closed": "It was paid, or its time is over. Nothing more can happen here.",
        "unknown_title": "No such payment page",
        "unknown": "The address is not one of an open payment.",
    },
    "fr": {
        "stand_in": (
            "Doublure de test : aucun paiement réel n’est effectué ici, aucune carte n’est débitée."
        ),
        "title": "Paiement",
        "bank_title": "Votre banque demande",
        "back": "Revenir sans payer",
        "total": "Total",
        "email": "E-mail",
        "name": "Nom sur la carte ou le compte",
        "card": "Carte",
        "number": "Numéro de carte",
        "expiry": "Expiration (MM / AA)",
        "cvc": "Code de sécurité",
        "pay_card": "Payer {amount} par carte",
        "sepa": "Prélèvement SEPA",
        "iban": "IBAN",
        "mandate": (
            "En fournissant votre IBAN, vous autorisez le bénéficiaire, et Stripe en tant que"
            " prestataire de services de paiement, à envoyer des instructions à votre banque pour"
            " débiter votre compte, et votre banque à débiter votre compte conformément à ces"
            " instructions. Vous avez droit à un remboursement par votre banque selon les"
            " conditions de votre contrat avec elle ; il doit être demandé dans les 8 semaines"
            " suivant la date de débit de votre compte."
        ),
        "pay_sepa": "Payer {amount} par prélèvement SEPA",
        "faults": "Merci de vérifier :",
        "fault": "Erreur",
        "email_wrong": "Votre adresse e-mail est incomplète.",
        "number_wrong": "Votre numéro de carte est incomplet ou erroné.",
        "expiry_wrong": "La date d’expiration de votre carte est incomplète ou passée.",
        "cvc_wrong": "Le code de sécurité de votre carte est incomplet.",
        "iban_wrong": "Votre IBAN est incomplet ou erroné.",
        "name_wrong": "Merci d’indiquer le nom du titulaire du compte.",
        "declined": "Votre carte a été refusée.",
        "insufficient_funds": "Les fonds de votre carte sont insuffisants.",
        "expired_card": "Votre carte a expiré.",
        "unrecognised": (
            "Votre banque n’a pas pu vous reconnaître. Réessayez ou utilisez une autre carte."
        ),
        "test_cards": "Cartes de test",
        "test_paid": "payée",
        "test_bank": "la banque demande d’abord (3-D Secure)",
        "test_declined": "refusée",
        "test_iban": "IBAN de test",
        "test_iban_paid": "accepté, arrive plus tard",
        "test_iban_failed": "accepté, échoue plus tard",
        "bank_text": (
            "La doublure de votre banque demande : ce paiement de {amount} est-il le vôtre ?"
        ),
        "complete": "Confirmer",
        "fail": "Échouer",
        "closed_title": "Cette page de paiement est fermée",
        "closed": "Elle a été payée ou son délai est passé. Rien de plus ne peut s’y produire.",
        "unknown_title": "Page de paiement inconnue",
        "unknown": "Cette adresse n’est pas celle d’un paiement ouvert.",
    },
    "es": {
        "stand_in": (
            "Simulador de prueba: aquí no se realiza ningún pago real ni se carga ninguna tarjeta."
        ),
        "title": "Pago",
        "bank_title": "Su banco pregunta",
        "back": "Volver sin pagar",
        "total": "Total",
        "email": "Correo electrónico",
        "name": "Nombre en la tarjeta o la cuenta",
        "card": "Tarjeta",
        "number": "Número de tarjeta",
        "expiry": "Caducidad (MM / AA)",
        "cvc": "Código de seguridad",
        "pay_card": "Pagar {amount} con tarjeta",
        "sepa": "Adeudo directo SEPA",
        "iban": "IBAN",
        "mandate": (
            "Al facilitar su IBAN autoriza al beneficiario, y a Stripe como su proveedor de"
            " servicios de pago, a enviar instrucciones a su banco para adeudar su cuenta, y a su"
            " banco a adeudarla según esas instrucciones. Tiene derecho a un reembolso por parte"
            " de su banco según las condiciones de su contrato con él; debe solicitarlo dentro de"
            " las 8 semanas siguientes a la fecha del adeudo."
        ),
        "pay_sepa": "Pagar {amount} con adeudo SEPA",
        "faults": "Compruebe lo siguiente:",
        "fault": "Error",
        "email_wrong": "Su dirección de correo está incompleta.",
        "number_wrong": "Su número de tarjeta está incompleto o es incorrecto.",
        "expiry_wrong": "La fecha de caducidad de su tarjeta está incompleta o ya pasó.",
        "cvc_wrong": "El código de seguridad de su tarjeta está incompleto.",
        "iban_wrong": "Su IBAN está incompleto o es incorrecto.",
        "name_wrong": "Indique el nombre del titular de la cuenta.",
        "declined": "Su tarjeta ha sido rechazada.",
        "insufficient_funds": "Su tarjeta no tiene fondos suficientes.",
        "expired_card": "Su tarjeta ha caducado.",
        "unrecognised": "Su banco no ha podido reconocerle. Inténtelo de nuevo o use otra tarjeta.",
        "test_cards": "Tarjetas de prueba",
        "test_paid": "pagada",
        "test_bank": "el banco pregunta primero (3-D Secure)",
        "test_declined": "rechazada",
        "test_iban": "IBAN de prueba",
        "test_iban_paid": "aceptado, llega más tarde",
        "test_iban_failed": "aceptado, falla más tarde",
        "bank_text": "El simulador de su banco pregunta: ¿es suyo este pago de {amount}?",
        "complete": "Confirmar",
        "fail": "Rechazar",
        "closed_title": "Esta página de pago está cerrada",
        "closed": "Se pagó o se agotó su plazo. Aquí ya no puede ocurrir nada más.",
        "unknown_title": "Página de pago desconocida",
        "unknown": "Esta dirección no es la de un pago abierto.",
    },
}


WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    tongue: {
        **_PAYING[tongue],
        **{key: said[place] for key, said in MONTHLY_WORDS.items()},
    }
    for place, tongue in enumerate(LANGUAGES)
}


def language(locale: str | None, accepted: LanguageAccept) -> str:
    """Choose the page's language from the session's ``locale``, else from the browser."""
    wanted = (locale or "auto").partition("-")[0]
    if wanted == "auto":
        return accepted.best_match(LANGUAGES) or "en"
    return wanted if wanted in LANGUAGES else "en"

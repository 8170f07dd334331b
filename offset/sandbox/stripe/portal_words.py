"""What do the portal and the pages of monthly gifts say? English, French, Spanish."""

from collections.abc import Mapping
from typing import Final

MONTHLY_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "each_day": ("{amount} each day", "{amount} par jour", "{amount} al día"),
    "each_week": ("{amount} each week", "{amount} par semaine", "{amount} a la semana"),
    "each_month": ("{amount} each month", "{amount} par mois", "{amount} al mes"),
    "each_year": ("{amount} each year", "{amount} par an", "{amount} al año"),
    "recurring": (
        "The first payment is taken now, the next ones by themselves until you stop.",
        "Le premier paiement est pris maintenant, les suivants d’eux-mêmes jusqu’à votre arrêt.",
        "El primer pago se cobra ahora; los siguientes, por sí solos hasta que usted los detenga.",
    ),
    "mandate_again": (
        "This permission covers every later debit too; you are told of each one beforehand.",
        "Cette autorisation vaut aussi pour chaque débit suivant ; chacun vous est annoncé avant.",
        "Esta autorización vale también para los adeudos siguientes; cada uno se le anuncia antes.",
    ),
    "test_asks_always": (
        "the bank asks each time: renewals fail",
        "la banque demande à chaque fois : les échéances suivantes échouent",
        "el banco pregunta cada vez: las renovaciones fallan",
    ),
    "test_fails_later": (
        "accepted here, refused at the next payment",
        "acceptée ici, refusée au prochain paiement",
        "aceptada aquí, rechazada en el próximo pago",
    ),
    "test_iban_returned": (
        "arrives, comes back days later",
        "arrive, revient quelques jours plus tard",
        "llega y se devuelve días después",
    ),
    "test_iban_disputed": (
        "arrives, is disputed at once",
        "arrive, contesté aussitôt",
        "llega y se impugna enseguida",
    ),
    "portal_title": (
        "Your regular contributions",
        "Vos contributions régulières",
        "Sus contribuciones periódicas",
    ),
    "portal_back": ("Back", "Retour", "Volver"),
    "portal_none": (
        "There is no regular contribution here.",
        "Il n’y a pas de contribution régulière ici.",
        "Aquí no hay ninguna contribución periódica.",
    ),
    "portal_closed_title": (
        "This page is closed",
        "Cette page est fermée",
        "Esta página está cerrada",
    ),
    "portal_closed": (
        "It was open for an hour. Please ask for a new link.",
        "Elle est restée ouverte une heure. Demandez un nouveau lien.",
        "Estuvo abierta una hora. Pida un enlace nuevo.",
    ),
    "state_active": ("Active", "Active", "Activa"),
    "state_past_due": (
        "The last payment failed; it is tried again on {day}.",
        "Le dernier paiement a échoué ; nouvel essai le {day}.",
        "El último pago falló; se reintenta el {day}.",
    ),
    "state_unpaid": (
        "The last payment failed for good.",
        "Le dernier paiement a échoué définitivement.",
        "El último pago falló definitivamente.",
    ),
    "state_paused": ("Paused", "En pause", "En pausa"),
    "state_paused_until": (
        "Paused until {day}",
        "En pause jusqu’au {day}",
        "En pausa hasta el {day}",
    ),
    "state_ending": ("Ends on {day}", "S’arrête le {day}", "Termina el {day}"),
    "state_over": ("Ended on {day}", "Arrêtée le {day}", "Terminó el {day}"),
    "next_day": ("Next payment: {day}", "Prochain paiement : {day}", "Próximo pago: {day}"),
    "by_card": (
        "Card ending in {last4}, valid until {until}",
        "Carte finissant par {last4}, valable jusqu’à {until}",
        "Tarjeta terminada en {last4}, válida hasta {until}",
    ),
    "by_account": (
        "Account ending in {last4}",
        "Compte finissant par {last4}",
        "Cuenta terminada en {last4}",
    ),
    "new_amount": ("New amount", "Nouveau montant", "Nuevo importe"),
    "do_amount": ("Change the amount", "Changer le montant", "Cambiar el importe"),
    "do_pause": ("Pause", "Mettre en pause", "Pausar"),
    "do_resume": ("Resume", "Reprendre", "Reanudar"),
    "do_cancel": ("Stop", "Arrêter", "Detener"),
    "do_card": ("Use this card", "Utiliser cette carte", "Usar esta tarjeta"),
    "do_pay": ("Pay {amount} now", "Payer {amount} maintenant", "Pagar {amount} ahora"),
    "cancel_hint": (
        "What is paid until {day} stays; nothing is taken after that.",
        "Ce qui est payé jusqu’au {day} reste ; rien n’est prélevé ensuite.",
        "Lo pagado hasta el {day} se mantiene; después no se cobra nada.",
    ),
    "another_card": ("Another card", "Autre carte", "Otra tarjeta"),
    "done_amount": (
        "The amount is changed from the next payment on.",
        "Le montant change à partir du prochain paiement.",
        "El importe cambia a partir del próximo pago.",
    ),
    "done_pause": (
        "Paused: nothing is taken until you resume.",
        "En pause : rien n’est prélevé jusqu’à votre reprise.",
        "En pausa: no se cobra nada hasta que la reanude.",
    ),
    "done_resume": ("It goes on.", "La contribution continue.", "La contribución continúa."),
    "done_cancel": (
        "It ends with the period that is paid.",
        "Elle s’arrête à la fin de la période payée.",
        "Termina al acabar el periodo pagado.",
    ),
    "done_card": (
        "The new card is used from now on.",
        "La nouvelle carte sert désormais.",
        "La nueva tarjeta se usa desde ahora.",
    ),
    "done_pay": ("Paid.", "Payé.", "Pagado."),
    "not_paid": (
        "The payment was refused. Please use another card.",
        "Le paiement a été refusé. Utilisez une autre carte.",
        "El pago fue rechazado. Use otra tarjeta.",
    ),
    "amount_wrong": (
        "Please give an amount from {least} on.",
        "Indiquez un montant à partir de {least}.",
        "Indique un importe a partir de {least}.",
    ),
    "bills": ("Payments", "Paiements", "Pagos"),
    "bill_day": ("Day", "Jour", "Día"),
    "bill_amount": ("Amount", "Montant", "Importe"),
    "bill_state": ("State", "État", "Estado"),
    "bill_paid": ("paid", "payé", "pagado"),
    "bill_open": ("open", "en attente", "pendiente"),
    "bill_void": ("not taken", "non prélevé", "no cobrado"),
    "bill_draft": ("draft", "brouillon", "borrador"),
    "bill_uncollectible": ("given up", "abandonné", "abandonado"),
}

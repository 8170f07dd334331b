"""How does the processor learn our address, and where does the secret of its notices stay?

The processor tells the secret once, when an address is registered. It is kept in a file beside the
data, readable by the site alone, unless the environment sets one.
"""

from offset.config import webhook_secret_file
from offset.errors import Refused
from offset.web.wiring import Services


def register(services: Services) -> None:
    """Register our address for every notice we book, and keep the secret.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    InvalidInput
        ``processor_refused``.
    Refused
        ``webhook_secret_missing``: the processor told none.
    """
    secret = services.account.register(f"{services.settings.public_url}/webhooks/stripe")
    if not secret:
        raise Refused("webhook_secret_missing")
    path = webhook_secret_file(services.settings.data_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.touch(mode=0o600)
    draft.write_text(f"{secret}\n", encoding="ascii")
    draft.replace(path)

"""What does somebody who gave see? Their contribution, its receipt, and their account."""

from offset.web.donor import manage, news, papers
from offset.web.donor.views import blueprint

__all__ = ["blueprint", "manage", "news", "papers"]

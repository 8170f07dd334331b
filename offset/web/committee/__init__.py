"""What does a member of the committee do?"""

from offset.web.committee.views import blueprint

__all__ = ["blueprint"]

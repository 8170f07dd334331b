"""Where does a WSGI server find the site? ``offset.wsgi:application``."""

import os

from offset.app import create_app, refuse_unfit
from offset.config import read_settings

_settings = read_settings(os.environ)
refuse_unfit(_settings)
application = create_app(_settings)

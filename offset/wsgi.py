"""Where does a WSGI server find the site? ``offset.wsgi:application``."""

import os

from offset.app import create_app
from offset.config import read_settings

application = create_app(read_settings(os.environ))

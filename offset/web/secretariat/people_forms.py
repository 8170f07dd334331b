"""What does an administrator type about people? Shapes only; the verbs check."""

from flask_babel import lazy_gettext as _
from wtforms import EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from offset.people.access import Role
from offset.people.invitations import OFFERED
from offset.web.fields import Filled, Form
from offset.web.role_words import ROLES

_TICKS = [SelectChoice(role.value, ROLES[role][0]) for role in ROLES]


class RoleTicks(SelectMultipleField):
    """One tick a role."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that were ticked."""
        return frozenset(Role(one) for one in self.data or () if one in OFFERED)


class InviteForm(Form):
    """Whom to ask, and for which roles."""

    name = StringField(_("Name"), [Filled(), Length(max=120)], render_kw={"autocomplete": "off"})
    email = EmailField(
        _("E-mail address"), [Filled()], render_kw={"maxlength": 254, "autocomplete": "off"}
    )
    language = SelectField(
        _("Language of the mail"),
        choices=[SelectChoice(*one) for one in (("en", "English"), ("fr", "Français"))]
        + [SelectChoice("es", "Español")],
    )
    roles = RoleTicks(_("Roles"), choices=_TICKS)


class RolesForm(Form):
    """Exactly which roles a person holds."""

    roles = RoleTicks(_("Roles"), choices=_TICKS)


class ReasonForm(Form):
    """Why an account is closed, opened, or loses its phone."""

    reason = TextAreaField(
        _("Reason"),
        [Filled(), Length(max=300)],
        description=_("It stays in the audit trail."),
        render_kw={"rows": 2},
    )

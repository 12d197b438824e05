"""Forms of signing in. Those that Flask-Security's pages use keep the names of its fields."""

from __future__ import annotations

import re
import secrets
import time
import unicodedata
from typing import Any

import structlog
from flask import current_app, session
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_security.forms import LoginForm, TwoFactorRescueForm, TwoFactorSetupForm, TwoFactorVerifyCodeForm
from flask_security.proxies import _security
from flask_security.recovery_codes import MfRecoveryForm
from wtforms import Field, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired

from accounts.access import Viewer
from accounts.actions.passwords import account_named, matches, may_use_password, note_failure
from accounts.entrance import within
from accounts.limiting import limits_for
from accounts.models import Account
from accounts.rules.limits import is_locked
from accounts.rules.pin import digits_of
from accounts.web import Form, now, today
from extensions import db
from record.edge import own_transaction
from record.sealed import keyed_hash

log = structlog.get_logger("sign_in")
NEEDED = InputRequired(_l("This is needed."))


def phone_hash_of(typed: str) -> str | None:
    """The keyed hash of a mobile number as people type it; None for anything else."""
    digits = re.sub(r"[\s\-()]", "", typed)
    digits = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", digits)
    return keyed_hash("phone", digits) if re.fullmatch(r"1\d{10}", digits) else None


class SignInForm(LoginForm):
    """Name or phone with password. Whatever is wrong, the answer and its time are the same (T24).

    The field keeps Flask-Security's name `email`, which its view squashes by name.
    """

    email = StringField(_l("Name or phone number"), validators=[NEEDED])
    password = PasswordField(_l("Password"), validators=[NEEDED])
    remember = None

    def validate_next(self, field: Field) -> None:
        field.data = within(field.data)

    def validate(self, **kwargs: Any) -> bool:
        if not super(LoginForm, self).validate(**kwargs):
            return False
        started = time.monotonic()
        typed = unicodedata.normalize("NFKC", self.email.data).strip()
        at = now()
        account = account_named(typed, phone_hash_of(typed))
        kept, known, open_to = None, None, False
        if account is not None:
            kept, known = account.password, account.id
            open_to = not is_locked(account.locked_until, at)
            open_to = may_use_password(Viewer(account.person, today()).held) and open_to
        db.session.rollback()  # nothing is held in the database while the password is judged
        if matches(self.password.data, kept) and open_to:
            self.user = db.session.get(Account, known)
            return True
        if known is not None and open_to:
            count_failure(known)
        log.info("sign-in refused", account=known)
        _wait(started)
        self.form_errors.append(gettext("Name and password do not go together, or too many were wrong lately."))
        return False


def _wait(started: float) -> None:
    """Refuse no sooner than a moment after the question, so that no time tells a known name (T24)."""
    after = current_app.config["FENGLI_REFUSED_AFTER"] * (1 + secrets.randbelow(100) / 1000)
    time.sleep(max(0.0, started + after - time.monotonic()))


def count_failure(account_id: int) -> None:
    """Count a wrong password or code in a transaction of its own."""
    with own_transaction():
        person = db.session.get_one(Account, account_id).person
        locked = note_failure(account_id, now(), limits_for(person, today()))
    if locked:
        log.warning("account locked", account=account_id)


class SetUpForm(TwoFactorSetupForm):
    """One button for each thing that can be done about the second factor: "authenticator" or "disable"."""

    setup = StringField()


class RescueForm(TwoFactorRescueForm):
    """Flask-Security makes one beside each question for a code; our pages lead to the recovery codes themselves."""

    help_setup = RadioField(choices=[])


class CodeForm(TwoFactorVerifyCodeForm):
    """The six digits of an authenticator. Each is taken once; wrong ones count as wrong passwords do."""

    code = StringField(_l("Code of six digits"), validators=[NEEDED])

    def validate(self, **kwargs: Any) -> bool:
        if not super(TwoFactorVerifyCodeForm, self).validate(**kwargs):
            return False
        setting_up = self.is_setup or session.get("tf_state") == "validating_profile"
        account_id = self.user.id
        if not is_locked(self.user.locked_until, now()):
            typed, secret = digits_of(self.code.data), self.tf_totp_secret
            if _security.totp_factory.verify_totp(token=typed, totp_secret=secret, user=self.user, window=30):
                return True
            if not setting_up:
                count_failure(account_id)
        log.info("code refused", account=account_id)
        self.code.errors = [gettext("This code does not fit. Wait for the next one and type that.")]
        return False


class RecoveryForm(MfRecoveryForm):
    """One of the codes kept on paper, for whoever has lost his authenticator."""

    code = StringField(_l("Recovery code"), validators=[NEEDED])

    def validate(self, **kwargs: Any) -> bool:
        if not super(MfRecoveryForm, self).validate(**kwargs):
            return False
        account_id = self.user.id
        if not is_locked(self.user.locked_until, now()):
            if _security.mf_recovery_codes_util.check_recovery_code(self.user, self.code.data):
                return True
            count_failure(account_id)
        log.info("recovery code refused", account=account_id)
        self.code.errors = [gettext("This code does not fit, or was used before.")]
        return False


class PasswordForm(Form):
    """A password somebody chooses; blanks at its ends are part of it."""

    class Meta:
        def bind_field(self, form: Any, unbound: Any, options: dict[str, Any]) -> Field:
            return unbound.bind(form=form, **options)

    new = PasswordField(_l("New password"), validators=[NEEDED], render_kw={"autocomplete": "new-password"})
    again = PasswordField(_l("The same once more"), validators=[NEEDED], render_kw={"autocomplete": "new-password"})


class ChangePasswordForm(PasswordForm):
    current = PasswordField(_l("Present password"), validators=[NEEDED], render_kw={"autocomplete": "current-password"})


class AgainForm(PasswordForm):
    """Who is here? `again_target` is where it leads on to, `again_kept` that something was sent and is carried."""

    new = None
    again = None
    again_secret = PasswordField(_l("Password"), validators=[NEEDED])
    again_target = HiddenField()
    again_kept = HiddenField()

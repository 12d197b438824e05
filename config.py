"""Configuration from the environment; every key has a default that fits one small machine."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from record.sealed import Keys, load_keys

ROOT = Path(__file__).parent
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def data_folder() -> Path:
    """Where the installation keeps what is its own: database, keys, lock files (FENGLI_DATA, default `var`)."""
    return Path(os.environ.get("FENGLI_DATA", ROOT / "var")).resolve()


def from_environment() -> dict[str, Any]:
    """FENGLI_DATABASE_URL and FENGLI_OWNER_URL (migrations) name a PostgreSQL; without them SQLite in the data folder.

    FENGLI_TLS=1 says that TLS stands in front: the cookie becomes `__Host-` and Secure.
    """
    folder = data_folder()
    keys = load_keys(folder / "keys")
    url = os.environ.get("FENGLI_DATABASE_URL", f"sqlite:///{folder / 'fengli.db'}")
    behind_tls = os.environ.get("FENGLI_TLS") == "1"
    return settings(url, os.environ.get("FENGLI_OWNER_URL", url), keys, folder, behind_tls)


def settings(url: str, owner_url: str, keys: Keys, folder: Path, behind_tls: bool = False) -> dict[str, Any]:
    """The whole configuration of one application."""
    return {
        "SECRET_KEY": keys.secret_key,
        "FENGLI_KEYS": keys,
        "FENGLI_DATA": folder,
        "FENGLI_TLS": behind_tls,
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_OWNER_URI": owner_url,
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "__Host-fengli" if behind_tls else "fengli",
        "SESSION_COOKIE_SECURE": behind_tls,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # it asks for a Referer, which our own policy withholds
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "RATELIMIT_ENABLED": True,
        "FENGLI_REFUSED_AFTER": 0.25,  # seconds: a wrong password is answered no sooner, whoever's it was (T24)
        "TEMPLATES_AUTO_RELOAD": False,
        **_sign_in(keys),
    }


def _sign_in(keys: Keys) -> dict[str, Any]:
    """Flask-Security: what we use of it, and what stays off because it needs mail (TRIED section 4)."""
    return {
        "SECURITY_PASSWORD_SALT": keys.pepper.hex(),
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_TOTP_SECRETS": {"1": keys.pepper.hex()},
        "SECURITY_TOTP_ISSUER": "Fengli",
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account/mf-recovery-codes",
        "SECURITY_RETURN_GENERIC_RESPONSES": False,  # our form says one thing to everybody; theirs squashes by field
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_CHANGEABLE": False,  # accounts.views.sign_in has the page
        "SECURITY_FRESHNESS": timedelta(minutes=-1),  # judged by our own session's `fresh_at`
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_LOGOUT_METHODS": None,  # ours is a POST that ends the session's row
        "SECURITY_CACHE_CONTROL": None,  # every page of ours is no-store already
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/account/login",
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "SECURITY_I18N_DIRNAME": ["builtin", "translations"],
    }

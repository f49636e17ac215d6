"""URLs without their secrets, for output and names. Pure.

A password is shown as `****`, which is also how SNS lists it. A part that looks like a key, in the
path or the query, is shown as eight digits of its hash, so that two keys can be distinguished:
`****53717b32`. Many texts have the same 32 bits, so a key cannot be recovered from them.
https://github.com/hashicorp/terraform/issues/11108 (SNS's answers)
"""

import re
from hashlib import sha256

_HIDDEN = "****"
_PARTS = re.compile(
    r"(https?://)"
    # A user, and a password with unencoded slashes. A port is not a password, nor an IPv6 host.
    r"(?:([^/?#]*|(?!\[[\da-fA-F:.]+\](?::\d*)?(?:[/?#]|$))[^/?#:]*:(?!\d*(?:[/?#]|$)).*)@)?"
    r"([^/?#]*)([^?#]*)(.*)",
    re.DOTALL,
)
_PARAMETER = re.compile(r"[^?#&]+")
_SECRET_NAME = re.compile("auth|key|pass|secret|sig|token", re.IGNORECASE)
_KEY = 16  # characters: from there on, with a digit among them, text is taken for a key
_DIGITS = 8  # of the hash, hexadecimal


def without_secrets(text: str) -> str:
    """Return a URL with all secrets hidden; return other texts, and hidden ones, unchanged."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return text
    scheme, user, host, path, query = parts.groups()
    shown = f"{_user(user)}@{host}" if user is not None else host
    path = "/".join(map(_without_key, path.split("/")))
    return f"{scheme}{shown}{path}{_PARAMETER.sub(_parameter, query)}"


def _user(text: str) -> str:
    name, colon, _ = text.partition(":")
    return f"{_without_key(name)}{colon}{_HIDDEN if colon else ''}"


def _parameter(match: re.Match[str]) -> str:
    name, equals, value = match[0].partition("=")
    if equals and _SECRET_NAME.search(name):
        return f"{name}={_hidden(value)}"
    return f"{_without_key(name)}{equals}{_without_key(value)}"


def _without_key(text: str) -> str:
    is_key = len(text) >= _KEY and any(character.isdigit() for character in text)
    return _hidden(text) if is_key else text


def _hidden(text: str) -> str:
    if text.startswith(_HIDDEN):
        return text
    if len(text) < _KEY:
        return _HIDDEN
    # A file's escape or a shell's variable may contain what UTF-8 cannot encode.
    digest = sha256(text.encode(errors="surrogatepass")).hexdigest()
    return f"{_HIDDEN}{digest[:_DIGITS]}"

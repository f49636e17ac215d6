"""The database's errors, without the values and addresses that their texts repeat."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Engine, ExceptionContext, event
from sqlalchemy.exc import DBAPIError

from amply.base.addresses import without_parts
from amply.base.errors import ConfigurationError

_INVALID_INPUT = re.compile(r"(invalid input\b[^:]*):.*", re.DOTALL)


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn what goes wrong with the database into one line.

    Raises ConfigurationError for DBAPIError.
    """
    try:
        yield
    except DBAPIError as error:
        msg = f"DATABASE_URL: {str(error.orig).partition(chr(10))[0]}"
        raise ConfigurationError(msg) from error


def keep_values_out_of_errors(engine: Engine) -> None:
    """Take the details out of what PostgreSQL says: they hold the row, and so the donor.

    `hide_parameters` is about SQLAlchemy's own words. What is left names table and constraint.
    """

    @event.listens_for(engine, "handle_error")
    def _cut(context: ExceptionContext) -> None:
        if context.connection is None:
            _keep_address_out_of_errors(context, engine.url)
        error: Any = context.original_exception
        original_text = str(error)
        primary = getattr(error, "diag", None) and error.diag.message_primary  # psycopg's
        error.args = tuple(map(_without_value, (primary,) if primary else error.args))
        if error.__cause__ is not None:
            error.__cause__.args = tuple(map(_without_value, error.__cause__.args))
        for one in (error, error.__cause__):  # SQLAlchemy's, about asyncpg's
            if isinstance(getattr(one, "detail", None), str):
                one.detail = None
        if context.sqlalchemy_exception is not None and str(error) != original_text:
            text = str(context.sqlalchemy_exception.args[0])
            context.sqlalchemy_exception.args = (text.replace(original_text, str(error)),)


def _without_value(text: object) -> object:
    """Cut the value out of `invalid input syntax for type integer: "…"` and of asyncpg's like."""
    return _INVALID_INPUT.sub(r"\1", text) if isinstance(text, str) else text


def _keep_address_out_of_errors(context: ExceptionContext, url: URL) -> None:
    """Take the parts of the URL out of what a driver says when it cannot connect."""
    error: BaseException | None = context.original_exception
    while error is not None:
        if isinstance(error, OSError) and error.strerror:  # of which its text is made
            error.strerror = without_parts(error.strerror, url)
        error.args = tuple(
            without_parts(argument, url) if isinstance(argument, str) else argument
            for argument in error.args
        )
        error = error.__cause__ or error.__context__
    if context.sqlalchemy_exception is not None:
        args = context.sqlalchemy_exception.args
        context.sqlalchemy_exception.args = tuple(
            without_parts(str(argument), url) for argument in args
        )

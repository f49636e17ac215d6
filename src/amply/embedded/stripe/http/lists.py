"""Lists, their filters and pages: https://docs.stripe.com/api/pagination."""

import json
import operator
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from amply.embedded.stripe.errors import StripeError, invalid
from amply.embedded.stripe.objects.account import Account, Collection, Object

_MOST_IN_A_LIST = 100
_PAGING = {"limit", "starting_after", "ending_before", "created", "expand"}
_COMPARISONS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}

Field = Callable[[Object], object]


def fields(*names: str) -> dict[str, Field]:
    """Return the filters that compare a field of the same name."""
    return {name: operator.itemgetter(name) for name in names}


def page(
    collection: Collection, url: str, query: Mapping[str, Any], filters: Mapping[str, Field]
) -> Object:
    """Return the page of a list that the query asks for."""
    for name in query:
        if name not in _PAGING and name not in filters:
            message = f"Received unknown parameter: {name}"
            raise invalid(message, param=name, code="parameter_unknown")
    limit = _limit(query.get("limit", "10"))
    matches = (one for one in collection.newest_first() if _matches(one, query, filters))
    if before := query.get("ending_before"):
        data, has_more = _last_before(_known(collection, before, "ending_before"), matches, limit)
    else:
        after = query.get("starting_after")
        data = list(islice(_after(collection, after, matches), limit + 1))
        has_more = len(data) > limit
    return {"object": "list", "url": url, "has_more": has_more, "data": data[:limit]}


def expanded(account: Account, value: Object, form: Mapping[str, Any]) -> Object:
    """Return a copy in which the ids at the paths of `expand` are replaced by their objects.

    https://docs.stripe.com/expand
    """
    paths = form.get("expand", {})
    if not paths:
        return value
    copy: Object = json.loads(json.dumps(value))
    for path in paths.values():
        _expand(account, copy, path.split("."))
    return copy


def _expand(account: Account, value: object, path: list[str]) -> None:
    if isinstance(value, list):
        for element in value:
            _expand(account, element, path)
        return
    if value is None:  # as with Stripe: nothing to expand in this object
        return
    name, *rest = path
    inner = value.get(name) if isinstance(value, dict) else None
    known = account.find(inner) if isinstance(inner, str) else None
    if known is not None and isinstance(value, dict):
        value[name] = inner = json.loads(json.dumps(known))
    elif not isinstance(value, dict) or name not in value or isinstance(inner, int | str):
        raise invalid(f"This property cannot be expanded ({name}).", param="expand")
    if rest:
        _expand(account, inner, rest)


def _limit(text: object) -> int:
    if not isinstance(text, str) or not text.isdigit():
        raise invalid(f"Invalid integer: {text}", param="limit", code="parameter_invalid_integer")
    if not 1 <= int(text) <= _MOST_IN_A_LIST:
        raise invalid(f"Invalid limit: it is not between 1 and {_MOST_IN_A_LIST}.", param="limit")
    return int(text)


def _known(collection: Collection, object_id: object, param: str) -> str:
    try:
        return str(collection.retrieve(object_id, param)["id"])
    except StripeError as error:
        error.status = 400
        raise


def _after(collection: Collection, after: object, matches: Iterable[Object]) -> Iterable[Object]:
    if after is None:
        return matches
    last = collection.retrieve(_known(collection, after, "starting_after"))
    return (one for one in matches if collection.is_older(one, last))


def _last_before(first: str, matches: Iterable[Object], limit: int) -> tuple[list[Object], bool]:
    newer = []
    for one in matches:
        if one["id"] == first:
            break
        newer.append(one)
    return newer[-limit:], len(newer) > limit


def _matches(one: Object, query: Mapping[str, Any], filters: Mapping[str, Field]) -> bool:
    created = query.get("created", {})
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
    for name, bound in bounds.items():
        if name not in _COMPARISONS or not str(bound).isdigit():
            raise invalid(f"Invalid timestamp: {bound}", param=f"created[{name}]")
        if not _COMPARISONS[name](one["created"], int(bound)):
            return False
    return all(str(field(one)) == query[name] for name, field in filters.items() if name in query)

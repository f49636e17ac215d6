"""Stripe's published types, from its library: the fields that an object must and may have."""

from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe import checkout

TYPES: dict[str, type[stripe.StripeObject]] = {
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": checkout.Session,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payout": stripe.Payout,
    "radar.early_fraud_warning": stripe.radar.EarlyFraudWarning,
    "refund": stripe.Refund,
}

_PLAIN: dict[type, tuple[type, ...]] = {
    int: (int,),
    str: (str,),
    bool: (bool,),
    float: (int, float),
}


def faults(value: dict[str, Any]) -> list[str]:
    """Return every difference between an object and its type."""
    kind = value["object"]
    annotations = {**TYPES[kind].__annotations__}
    annotations.pop("OBJECT_NAME")
    unknown = [f"{kind}.{name}: unknown" for name in value if name not in annotations]
    missing = [
        f"{kind}.{name}: missing"
        for name, annotation in annotations.items()
        if name not in value and not _is_optional(annotation)
    ]
    wrong = [
        f"{kind}.{name}: {value[name]!r} is not {annotations[name]}"
        for name in value
        if name in annotations and not _fits(value[name], annotations[name])
    ]
    return [*unknown, *missing, *wrong]


def _is_optional(annotation: object) -> bool:
    return get_origin(annotation) is Union and type(None) in get_args(annotation)


def _fits(value: object, annotation: object) -> bool:
    """Return whether a value fits an annotation, as far as names need not be resolved."""
    if value is None:
        return _is_optional(annotation)
    choices = set(_literals(annotation))
    if choices and isinstance(value, str):
        return value in choices
    if isinstance(annotation, type) and annotation in _PLAIN:
        return type(value) in _PLAIN[annotation]
    if isinstance(annotation, ForwardRef):
        return isinstance(value, dict)
    return True


def _literals(annotation: object) -> list[str]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if get_origin(annotation) is Union:
        return [one for inner in get_args(annotation) for one in _literals(inner)]
    return []

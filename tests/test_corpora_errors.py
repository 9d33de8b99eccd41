"""Failures say what may be done about them, also on the far side of a process border."""

from __future__ import annotations

import pickle

import pytest

from corpora import errors

KINDS = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.SharedStoryError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_errors_survive_pickling(kind: type[errors.SharedStoryError]) -> None:
    again = pickle.loads(pickle.dumps(kind("It rained.", what_next="Take a coat.")))
    assert type(again) is kind
    assert (again.message, again.what_next, str(again)) == ("It rained.", "Take a coat.", "It rained. Take a coat.")


def test_a_message_alone_ends_without_a_blank() -> None:
    assert str(errors.Gone("Nothing there.")) == "Nothing there."


def test_every_kind_is_drawn_in_the_tree() -> None:
    assert errors.__doc__ is not None
    assert [kind.__name__ for kind in KINDS if kind.__name__ not in errors.__doc__] == []


def test_only_retryable_is_tried_again() -> None:
    again = {kind.__name__ for kind in KINDS if issubclass(kind, errors.Retryable)}
    assert again == {"Retryable", "NotNow"}


def test_user_errors_have_exit_codes_of_their_own() -> None:
    mendable = [kind for kind in KINDS if issubclass(kind, errors.UserError)]
    codes = [kind.exit_code for kind in mendable]
    assert len(set(codes)) == len(codes)
    assert all(0 < kind.exit_code < 128 for kind in KINDS)

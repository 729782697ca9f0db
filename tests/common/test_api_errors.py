"""Refusals in words that mean something to those who call."""

import pytest
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import NotFound

from accounts.models import User
from common.api_errors import NOTHING_HERE, api_exception_handler


@pytest.mark.django_db
def test_answer_for_a_missing_row_names_no_class():
    with pytest.raises(Http404) as missing:
        get_object_or_404(User, pk=0)
    response = api_exception_handler(missing.value, {})
    assert (response.status_code, response.data) == (404, {"error": NOTHING_HERE})


@pytest.mark.parametrize(
    ("exception", "sentence"),
    [
        (Http404("There is no such dataset."), "There is no such dataset."),
        (NotFound(), "Not found."),
    ],
)
def test_answer_keeps_the_words_that_a_view_has_chosen(exception, sentence):
    assert api_exception_handler(exception, {}).data == {"error": sentence}

"""Two settings that belong together never cross, on no day that is settled yet; and a sum of money is one."""

from datetime import date

import pytest

from accounts.actions.settings import return_setting
from accounts.models import Setting
from accounts.rules.settings import WrongOrder
from extensions import db
from tests.accounts.test_settings import amount_of, set_to, superior
from tests.town import NOW

LEAST, MOST = "hearing_officer.per_hearing.min", "hearing_officer.per_hearing.max"
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)


def give_back(town, key):
    return return_setting(town.office, key, by=town.chief, at=NOW, reason="as it was")


def test_a_value_is_not_returned_where_what_holds_then_would_cross_its_neighbour(town):
    set_to(town, MOST, 12)
    set_to(town, LEAST, 9)
    with pytest.raises(WrongOrder):
        give_back(town, MOST)
    assert (amount_of(town, LEAST), amount_of(town, MOST)) == (9, 12)
    give_back(town, LEAST)
    give_back(town, MOST)
    assert (amount_of(town, LEAST), amount_of(town, MOST)) == (3, 7)


def test_what_the_superior_has_set_is_what_holds_after_a_return(town):
    set_to(town, MOST, 15, office=superior(town))
    set_to(town, MOST, 12)
    set_to(town, LEAST, 9)
    give_back(town, MOST)
    assert (amount_of(town, LEAST), amount_of(town, MOST)) == (9, 15)


def test_a_value_crosses_no_neighbour_that_changes_while_it_holds(town):
    set_to(town, MOST, 12)
    set_to(town, MOST, 5, on=JANUARY)
    with pytest.raises(WrongOrder):
        set_to(town, LEAST, 9)
    set_to(town, LEAST, 5)
    set_to(town, LEAST, 4, on=JANUARY)
    set_to(town, LEAST, 9, on=DECEMBER)
    assert [amount_of(town, LEAST, on) for on in (DECEMBER, JANUARY)] == [9, 4]
    with pytest.raises(WrongOrder):
        give_back(town, MOST)


@pytest.mark.parametrize("key", ["hearing_officer.fee", "allowance.day"])
@pytest.mark.parametrize("typed", ["9e999999", "-9e999999", "0e999999", "1e-999999", "1e400"])
def test_a_number_that_is_no_sum_of_money_is_refused_as_such(town, key, typed):
    sent = {"amount": typed, "effective_from": "2099-01-01", "reason": "x"}
    answer = town.browser(town.coordinator).post(f"/settings/{key}/change", sent)
    assert (answer.status_code, db.session.query(Setting).all()) == (422, [])

"""Whom a name means: full names, surnames, initials, roles, and two people who share a name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta, Span, Statement
from pullquote.qa.aliases import Bearer, by_name, has_all, has_office, is_short_for, nearest_names, plain, whom

SPEAKERS = {
    ("Ida Varga", "Torvanian Prime Minister"): 6,
    ("Ida Varga", None): 3,
    ("Varga", "Prime Minister"): 2,
    ("Varga", None): 1,
    ("Piet Varga", "farmer"): 2,
    ("Sen. Tom Ashby", None): 1,
    ("Thomas Ashby", "senator"): 3,
    ("Rosa Ashby", "skipper"): 1,
    ("Ashby", None): 1,
    ("Littoral Union", None): 4,
    ("LU", None): 2,
    ("Marit Oldane", "foreign-policy chief of the Littoral Union"): 3,
    ("Jan Holm", "Deputy Prime Minister of Torvania"): 1,
    ("Lea Brandt", "spokeswoman for the prime minister"): 1,
    ("Inland Security Council", None): 3,
    ("Ostrava City Council", None): 1,
    ("Élodie Müller", None): 1,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store in whose one article all of them speak."""
    settings = IndexSettings(statements=False)
    with_speakers = Store(tmp_path_factory.mktemp("store"), settings, create=True, embedder=HashEmbedder())
    text = "It will rain, they said."
    list(add_articles(with_speakers, [("rain", Article(ArticleMeta("rain"), text))]))
    said = [
        Statement("rain", 1, 1, "indirect", "affirmed", name, role, None, None, (Span(0, 12),))
        for (name, role), count in SPEAKERS.items()
        for _ in range(count)
    ]
    with with_speakers.writing("add"):
        with_speakers.catalog.put_statements("by hand", {("rain", 1): said})
    yield with_speakers
    with_speakers.close()


def names(store: Store, asked: str) -> set[str]:
    return set(whom(store.catalog, asked).names)


@pytest.mark.parametrize(
    "asked",
    ["Ida Varga", "Prime Minister Varga", "Torvanian Prime Minister Ida Varga", "ida varga", "the Torvanian prime minister"],
)
def test_one_speaker_is_found_by_name_title_and_role(store: Store, asked: str) -> None:
    assert "Ida Varga" in names(store, asked)
    assert names(store, asked).isdisjoint({"Piet Varga", "Jan Holm", "Lea Brandt"})


def test_a_surname_means_all_who_bear_it_most_frequent_first(store: Store) -> None:
    assert whom(store.catalog, "Varga").names == ("Ida Varga", "Varga", "Piet Varga")


def test_two_people_of_one_surname_stay_apart_when_the_full_name_is_asked(store: Store) -> None:
    assert names(store, "Piet Varga") == {"Piet Varga"}
    assert "Rosa Ashby" not in names(store, "Thomas Ashby")
    assert names(store, "Rosa Ashby") == {"Rosa Ashby"}


def test_a_short_name_counts_for_the_one_who_nearly_always_bears_it(store: Store) -> None:
    meant = whom(store.catalog, "Ida Varga")
    assert ("Varga", None) in meant.pairs
    assert ("Varga", "Prime Minister") in meant.pairs


def test_initials_and_the_body_they_stand_for_are_one(store: Store) -> None:
    assert {"Littoral Union", "LU"} <= names(store, "LU")
    assert {"Littoral Union", "LU"} <= names(store, "lu")
    assert {"Littoral Union", "LU"} <= names(store, "the Littoral Union")


def test_a_body_is_not_all_who_work_for_it(store: Store) -> None:
    assert "Marit Oldane" not in names(store, "Littoral Union")
    assert names(store, "chief of the Littoral Union") == {"Marit Oldane"}


def test_a_council_is_not_another_council(store: Store) -> None:
    assert names(store, "Inland Security Council") == {"Inland Security Council"}
    assert names(store, "Security Council") == {"Inland Security Council"}


def test_a_deputy_and_a_spokeswoman_are_not_the_one_they_stand_for(store: Store) -> None:
    assert names(store, "prime minister").isdisjoint({"Jan Holm", "Lea Brandt"})
    assert names(store, "deputy prime minister") == {"Jan Holm"}


def test_accents_and_case_do_not_count(store: Store) -> None:
    assert names(store, "Élodie Müller") == {"Élodie Müller"}
    assert nearest_names(store.catalog, "Elodie Muller") == ("Élodie Müller",)


def test_an_unknown_name_means_nobody_and_the_nearest_are_named(store: Store) -> None:
    assert not whom(store.catalog, "Ida Vargas").names
    assert nearest_names(store.catalog, "Ida Vargas")[0] == "Ida Varga"
    assert nearest_names(store.catalog, "Oldan") == ("Marit Oldane",)
    assert nearest_names(store.catalog, "Xyzzy") == ()
    assert nearest_names(store.catalog, "?!") == ()


def test_another_first_name_is_another_person(store: Store) -> None:
    assert not whom(store.catalog, "Boris Varga").names
    assert "Ida Varga" in nearest_names(store.catalog, "Boris Varga")


def test_keys_are_those_of_the_catalog(store: Store) -> None:
    assert whom(store.catalog, "Littoral Union").keys == {"union", "lu"}


def test_meaning_decides_by_name_and_role(store: Store) -> None:
    meant = whom(store.catalog, "Ida Varga")
    said = {(one.speaker, one.role): one for one in store.catalog.statements_of("rain")}
    assert meant.has(said["Ida Varga", None])
    assert not meant.has(said["Piet Varga", "farmer"])


# -- pure -----------------------------------------------------------------------------------------


def test_a_bare_name_goes_with_the_role_it_is_told_with() -> None:
    mayor, coach = Bearer("Ann Reyes", "mayor", 5), Bearer("Bob Reyes", "coach", 5)
    short = Bearer("Reyes", "coach", 1)
    assert short in by_name("Bob Reyes", [mayor, coach, short])
    assert short not in by_name("Ann Reyes", [mayor, coach, short])


def test_a_bare_name_that_two_bear_equally_is_neither_of_theirs() -> None:
    bearers = [Bearer("Ann Reyes", None, 5), Bearer("Bob Reyes", None, 5), Bearer("Reyes", None, 1)]
    assert by_name("Bob Reyes", bearers) == [bearers[1]]
    assert by_name("Reyes", bearers) == bearers


def test_a_bare_name_that_nobody_bears_in_full_may_be_anybody_s() -> None:
    assert by_name("Ann Reyes", [Bearer("Reyes", None, 1)]) == [Bearer("Reyes", None, 1)]


@pytest.mark.parametrize(
    ("asked", "role", "held"),
    [
        ("Israeli prime minister", "Prime Minister of Israel", True),
        ("Israeli prime minister", "Israeli Prime Minister", True),
        ("prime minister", "former prime minister", False),
        ("former prime minister", "former Prime Minister", True),
        ("president", "vice president", False),
        ("president", "Chairman, President of the Union", True),
        ("police chief", "chief of police", True),
        ("minister", "spokesman for the minister", False),
        ("Oldane", "adviser to Oldane", False),
        ("", "mayor", False),
    ],
)
def test_who_holds_an_office(asked: str, role: str, held: bool) -> None:
    assert has_office(asked, role) is held


def test_a_country_stands_for_its_people_beside_an_office_only() -> None:
    assert has_all("Russian minister", "minister of Russia")
    assert not has_all("Clintom", "aide to Clinton")


@given(st.text(max_size=60))
def test_a_plain_name_is_plain_already(name: str) -> None:
    once = plain(name)
    assert once == " ".join(once.split())
    assert not is_short_for(name, name)


@given(st.lists(st.sampled_from(["Ida", "Varga", "van", "Union", "Council", "LU", "Mr.", "the"]), max_size=4).map(" ".join))
def test_whoever_is_meant_is_one_of_those_who_are_there(name: str) -> None:
    bearers = [Bearer("Ida Varga", "mayor", 2), Bearer("Varga", None, 1), Bearer("Littoral Union", None, 1)]
    assert set(by_name(name, bearers)) <= set(bearers)

"""Dates as feeds and pages give them: zones by name, clocks that jump, years that cannot be, and what lies in the future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.dates import earliest_first, is_future, parse_date
from pullquote.index.records import to_moment, to_seconds


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("Tue, 21 Apr 2026 13:05:00 EST", "2026-04-21T18:05:00"),
        ("Tue, 21 Apr 2026 13:05:00 EDT", "2026-04-21T17:05:00"),
        ("Tue, 21 Apr 2026 13:05 PDT", "2026-04-21T20:05:00"),
        ("21 Apr 2026 13:05:00 gmt", "2026-04-21T13:05:00"),
        ("21 Apr 2026 13:05:00 CEST", "2026-04-21T11:05:00"),
        ("21 Apr 2026 13:05:00 +01:00", "2026-04-21T12:05:00"),
        ("21 Apr 2026 13:05:00 GMT+0100", "2026-04-21T12:05:00"),
        ("21 Apr 2026 13:05:00 -0500 (EST)", "2026-04-21T18:05:00"),
        ("21 Apr 2026 13:05:00 -0000", "2026-04-21T13:05:00"),
        ("2026-04-21 13:05 EST", "2026-04-21T18:05:00"),
        ("2026-04-21T13:05:00 CET", "2026-04-21T12:05:00"),
        ("2026-04-21T13:05:00JST", "2026-04-21T04:05:00"),
        ("2026-04-21 13:05:00 UTC+02:00", "2026-04-21T11:05:00"),
        ("2026-04-21T13:05z", "2026-04-21T13:05:00"),
        ("20260421T130500Z", "2026-04-21T13:05:00"),
    ],
)
def test_a_zone_is_known_by_its_offset_or_its_name(written: str, utc: str) -> None:
    moment = parse_date(written)
    assert moment is not None
    assert moment.replace(tzinfo=None).isoformat() == utc


@pytest.mark.parametrize(
    "written",
    [
        "21 Apr 2026 13:05:00 IST",  # India, Ireland or Israel
        "21 Apr 2026 13:05:00 XYZ",
        "21 Apr 2026 1:05 PM",
        "2026-04-21 1:05 PM",
        "2026-04-21 13:05 America/New_York",
        "21 Apr 2026 13:05:00 +2500",
        "2026-04-21T13:05:00+99:99",
        "21 Apr 2026 13:05:00 +01:00 or so",
        "30 Feb 2026 10:00:00 EST",
        "30 Feb",
        "2026-02-30",
        "2025-02-29T10:00:00Z",
        "2026-04-21T25:00:00Z",
        "Mon, 00 Jan 0000 00:00:00 GMT",
        "0000-00-00T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-12:00",
        datetime.max,
        datetime.min,
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=12))),
    ],
)
def test_what_would_be_a_guess_or_cannot_be_is_unknown(written: object) -> None:
    assert parse_date(written) is None


@pytest.mark.parametrize(
    "nothing", [0, 0.0, -0.0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01 00:00", "1970-01-01 00:00 EST"]
)
def test_the_first_second_of_1970_means_that_no_date_was_known(nothing: object) -> None:
    assert parse_date(nothing) is None


def test_the_days_around_the_limits_of_clocks_are_dates_like_others() -> None:
    for written in (
        "1970-01-01",
        "1970-01-01T00:00:01Z",
        "1969-12-31T23:59:59Z",
        "2038-01-19T03:14:08Z",
        "2038-01-20",
        "1901-12-13",
    ):
        moment = parse_date(written)
        assert moment is not None
        assert to_moment(to_seconds(moment)) == moment
    assert parse_date(2**31) == datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5Z", "Sat, 31 Dec 2016 23:59:60 GMT", "2017-01-01 00:59:60 +0100"]
)
def test_a_leap_second_is_the_second_before_it(written: str) -> None:
    moment = parse_date(written)
    assert moment is not None
    assert moment.replace(microsecond=0) == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_an_hour_that_a_clock_skipped_or_had_twice_is_some_moment_of_that_night() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for local in (datetime(2026, 3, 29, 2, 30, tzinfo=berlin), datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)):
        moment = parse_date(local)
        assert moment is not None
        assert abs(moment.replace(tzinfo=None) - local.replace(tzinfo=None)) <= timedelta(hours=2)


def test_the_future_begins_a_day_ahead_of_the_clock() -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert not is_future(now, now)
    assert not is_future(now + timedelta(hours=24), now)
    assert is_future(now + timedelta(hours=24, seconds=1), now)
    assert not is_future(datetime(1970, 1, 1, tzinfo=UTC), now)
    assert is_future(datetime(2200, 12, 31, tzinfo=UTC), datetime(1600, 1, 1, tzinfo=UTC))


ZONES = st.sampled_from(["", "Z", " EST", " GMT+1", " +01:00", " IST", "+2500", " (CET)", "-00:00", " z z"])


@given(
    st.integers(0, 10_000),
    st.integers(0, 13),
    st.integers(0, 32),
    st.integers(0, 25),
    st.integers(0, 61),
    st.integers(0, 61),
    ZONES,
)
def test_whatever_numbers_a_clock_shows_nothing_is_raised(
    year: int, month: int, day: int, hour: int, minute: int, second: int, zone: str
) -> None:
    months = "Xxx Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Xyz".split()
    for written in (
        f"{year:04}-{month:02}-{day:02}T{hour:02}:{second:02}:{second:02}{zone}",
        f"{day} {months[month]} {year:04} {hour:02}:{second:02}:{second:02}{zone}",
    ):
        moment = parse_date(written)
        if moment is not None:
            assert abs((moment - datetime(year, month, day, tzinfo=UTC)).days) <= 2


def test_the_earliest_comes_first_then_the_undated_then_the_future() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    early, late, ahead = now - timedelta(days=9), now - timedelta(days=1), now + timedelta(days=400)
    assert sorted([ahead, None, late, early], key=lambda date: earliest_first(date, now)) == [early, late, None, ahead]

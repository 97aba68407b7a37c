"""Finds time zones by what people call them: a name, a city, a country or UTC±n (pure)."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from rapidfuzz import fuzz, process

from bot.lib.transliteration import has_hangul
from bot.model.papers import LANGUAGES

_MAX_SUGGESTIONS = 3
_MIN_SIMILARITY = 70

_NOT_ZONES = frozenset({"localtime", "posixrules", "Factory"})
"""Files beside the zones, whose meaning depends on the machine or is none."""

_NOT_PLACES = ("Etc/", "SystemV/", "US/", "Canada/")
_WORLD = "001"
"""The territory of zones that belong to no country."""

_WEST, _EAST = -12, 14
"""The hours from UTC that zones of the IANA database with a fixed offset have."""

_OFFSET = re.compile(r"^(?:utc|gmt|z)?([+-])(\d{1,2})(?::?(\d{2}))?$")
_ETC = re.compile(r"^Etc/GMT([+-])(\d{1,2})$")
_FILLERS = re.compile(r"(?:표준시|시간대|시간|standardtime|time)$")

_COMMON_NAMES: Mapping[str, tuple[str, ...]] = {
    "utc": ("UTC",), "gmt": ("UTC",), "z": ("UTC",), "세계": ("UTC",), "협정세계": ("UTC",),
    "kst": ("Asia/Seoul",), "korea": ("Asia/Seoul",), "한국": ("Asia/Seoul",),
    "대한민국": ("Asia/Seoul",), "jst": ("Asia/Tokyo",), "sgt": ("Asia/Singapore",),
    "hkt": ("Asia/Hong_Kong",), "중국": ("Asia/Shanghai",), "china": ("Asia/Shanghai",),
    "베이징": ("Asia/Shanghai",), "beijing": ("Asia/Shanghai",),
    "et": ("America/New_York",), "est": ("America/New_York",), "edt": ("America/New_York",),
    "cdt": ("America/Chicago",), "mdt": ("America/Denver",), "pt": ("America/Los_Angeles",),
    "pst": ("America/Los_Angeles",), "pdt": ("America/Los_Angeles",),
    "bst": ("Europe/London",), "영국": ("Europe/London",), "la": ("America/Los_Angeles",),
    "부산": ("Asia/Seoul",),
    "aest": ("Australia/Sydney",),
    "cst": ("America/Chicago", "Asia/Shanghai"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
}  # fmt: skip
"""What people write for zones, where the IANA database has no such name or means another one.

Several zones where the name alone does not tell which.
"""


class UnknownZone(Exception):
    """No zone, or more than one, is called so; `suggestions` are the nearest names."""

    def __init__(self, suggestions: Iterable[str] = ()) -> None:
        super().__init__()
        self.suggestions = tuple(suggestions)


def find_zone(text: str) -> str:
    """Return the name in the IANA database of the zone that a person calls so.

    `UTC+9` and `GMT+9` are nine hours ahead of UTC, as people write it; the database's own
    `Etc/GMT+9` is nine hours behind. Raises UnknownZone.
    """
    wanted = _fold(text)
    offset = _OFFSET.match(wanted)
    if offset:
        return _zone_at_offset(offset)
    for name in (wanted, _FILLERS.sub("", wanted)):
        for names in (_COMMON_NAMES, _zones_by_name(), _zones_by_country()):
            found = names.get(name, ())
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownZone(found[:_MAX_SUGGESTIONS])
    near = process.extract(
        wanted,
        list(_zones_by_name()),
        scorer=fuzz.ratio,
        score_cutoff=_MIN_SIMILARITY,
        limit=_MAX_SUGGESTIONS,
    )
    raise UnknownZone(dict.fromkeys(_zones_by_name()[each[0]][0] for each in near))


def zone_label(zone: str) -> str:
    """Return how a zone is shown: those of fixed offset as people write them, `UTC+9`."""
    match = _ETC.match(zone)
    if match is None:
        return zone
    return f"UTC{'-' if match[1] == '+' else '+'}{match[2]}"


def korean_zone_name(zone: str) -> str:
    """Return the Korean name of a zone's city; empty where there is none."""
    name = str(get_timezone_location(zone, locale="ko", return_city=True)) if "/" in zone else ""
    return name if has_hangul(name) else ""


def matching_zones(prefix: str, limit: int) -> tuple[str, ...]:
    """Return zones whose name, city or country begins with this, cities before countries.

    Those of a fixed offset are named `UTC+9`. Without a prefix, the most common zones.
    """
    wanted = _fold(prefix)
    if not wanted:
        return tuple(dict.fromkeys(zone for (zone, *_) in _COMMON_NAMES.values()))[:limit]
    offset = _OFFSET.match(wanted)
    if offset:
        try:
            return (zone_label(_zone_at_offset(offset)),)
        except UnknownZone as error:
            return error.suggestions[:limit]
    found: dict[str, None] = {}
    for names in (_COMMON_NAMES, _zones_by_name(), _zones_by_country()):
        zones = {zone for name in names if name.startswith(wanted) for zone in names[name]}
        found |= dict.fromkeys(sorted(zones, key=lambda name: (len(name), name)))
    return tuple(found)[:limit]


def _fold(text: str) -> str:
    return re.sub(r"[\s_]+", "", text.casefold()).replace("\u2212", "-").replace("±", "+")


def _zone_at_offset(match: re.Match[str]) -> str:
    """Return the zone of a fixed offset; raises UnknownZone with zones that have it at times."""
    sign = 1 if match[1] == "+" else -1
    hours, minutes = sign * int(match[2]), int(match[3] or 0)
    if minutes or not _WEST <= hours <= _EAST:
        raise UnknownZone(_COMMON_OFFSETS.get((hours, minutes), ()))
    if not hours:
        return "UTC"
    return f"Etc/GMT{'-' if hours > 0 else '+'}{abs(hours)}"


_COMMON_OFFSETS = {
    (5, 30): ("Asia/Kolkata", "Asia/Colombo"), (3, 30): ("Asia/Tehran",),
    (4, 30): ("Asia/Kabul",), (5, 45): ("Asia/Kathmandu",), (6, 30): ("Asia/Yangon",),
    (9, 30): ("Australia/Darwin", "Australia/Adelaide"), (10, 30): ("Australia/Lord_Howe",),
    (-3, 30): ("America/St_Johns",), (-9, 30): ("Pacific/Marquesas",),
    (8, 45): ("Australia/Eucla",), (12, 45): ("Pacific/Chatham",),
}  # fmt: skip
"""Zones by hours and minutes from UTC, where these are no full hours."""


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones() - _NOT_ZONES))


@cache
def _zones_by_name() -> Mapping[str, tuple[str, ...]]:
    """Return zones by their folded names and by those of their cities in every language."""
    zones = _zones()
    places = [zone for zone in zones if "/" in zone and not zone.startswith(_NOT_PLACES)]
    exact = {_fold(zone): (_canonical(zone),) for zone in zones}
    cities = _grouped((zone.rpartition("/")[2], zone) for zone in places)
    translated = _grouped(
        (str(locale.time_zones.get(zone, {}).get("city", "")), zone)
        for locale in map(Locale.parse, LANGUAGES)
        for zone in places
    )
    return {**translated, **cities, **exact}


@cache
def _zones_by_country() -> Mapping[str, tuple[str, ...]]:
    """Return zones by the folded names of their countries in every language."""
    countries = get_global("zone_territories")
    return _grouped(
        (str(locale.territories.get(countries[zone], "")), zone)
        for locale in map(Locale.parse, LANGUAGES)
        for zone in _zones()
        if countries.get(zone, _WORLD) != _WORLD
    )


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return zones by folded names; of zones that are the same one is kept."""
    same = get_global("zone_aliases")
    found: dict[str, dict[str, str]] = {}
    for name, zone in pairs:
        if name:
            found.setdefault(_fold(name), {}).setdefault(same.get(zone, zone), zone)
    return {name: tuple(zones.values()) for name, zones in found.items()}


def _canonical(zone: str) -> str:
    """Return the zone that a name without a place, such as `Japan`, stands for."""
    if "/" in zone or zone in {"UTC", "GMT"}:
        return zone
    found = str(get_global("zone_aliases").get(zone, zone))
    return found if found in _zones() else zone

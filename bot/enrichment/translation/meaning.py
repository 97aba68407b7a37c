"""Checks what a translation says where single words betray it: opposites, swaps, filler (pure).

Each rule asks for a word of one language only where some word of the other could be its reason
anywhere in the text. That misses much, and seldom takes a true translation for a false one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.enrichment.translation.faults import Check, Fault
from bot.enrichment.translation.names import find_names
from bot.enrichment.translation.numbers import find_numbers
from bot.model.papers import LANGUAGES

_NO_SUBJECT = r"\bno (?:\w+ ){1,4}(?:can|could|is|are|was|were|has|have|do|does|did)\b"
"""“No model can”, where a plain “no” says nothing about the verb."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A word that needs a reason in the other language."""

    korean: re.Pattern[str]
    english: re.Pattern[str]
    message: str


def _rule(korean: str, english: str, message: str) -> _Rule:
    return _Rule(re.compile(korean), re.compile(english, re.IGNORECASE), message)


_OPPOSITES = (
    _rule(
        r"느리게|느려지|느려집|느립|느린|더뎌|더디",
        r"slow|latency|delay|lag|time-consuming|long|bottleneck|costly|expensive|inefficien",
        "says that something is slow",
    ),
    _rule(
        r"늘리|늘립|늘려|늘어나|늘어난|늘어납|늘었|증가|커지|커집",
        r"increas|grow|\bmore|larger|expan|rais|rising|\brise|scal|extend|exten[st]|longer|higher|boost"
        r"|\bup\b|doubl|tripl|\bgain|\badd|enlarg|greater|bigger|exceed|surg|widen|accumul|amplif"
        r"|multipl|inflat|proliferat|explo|augment|broad|improv"
        r"|\d\s?[x×](?! (?:fast|slow|cheap))",  # noqa: RUF001 - a sign of multiplication
        "says that something grows",
    ),
    _rule(
        r"줄이|줄입|줄여|줄어|줄었|감소|감축|축소",
        r"reduc|decreas|lower|\bless\b|\bfew|\bcut|smaller|drop|declin|shrink|minim|mitigat|degrad|sav"
        r"|\bfall|\bloss|\blos[et]|compress|down|alleviat|diminish|curb|\beas|suppress|trim|\bhal[fv]"
        r"|prun|narrow|avoid|prevent|without|remov|eliminat|cheap|efficien|lightweight|weak|shorte"
        r"|limit|offset|faster|speed|accelerat|collaps|attenuat|condens|distil|slim|quantiz|\bsparse",
        "says that something shrinks",
    ),
    _rule(
        r"[을할될볼줄갈알일열날칠꿀쓸풀낼킬]\s?수(?:는|가|도)?\s?없|못하|못합|불가능",
        r"\b(?:not|cannot|never|neither|nor|without|unable|hardly|barely|seldom|rarely|lack|impossible"
        r"|infeasible|difficult|hard|challeng|only|beyond|despite|although|except|avoid|prevent"
        r"|miss|absen|none|nothing|nobody|fail|limit|struggl|no longer|outdated|poor"
        r"|insufficien|inadequa|unavailab|unseen|unknown|un[a-z]+(?:able|ed)\b|in[a-z]+(?:ible|able)\b|refus"
        r"|short of|fall)"
        rf"|n['’]t\b|{_NO_SUBJECT}",  # noqa: RUF001
        "denies something",
    ),
)
_LESS = re.compile(
    r"reduc|decreas|lower|\bless|\bfewer|\bcuts?\b|cutting|drop|declin|shrink|\bdown|sav"
    r"|slow|줄|감소|낮|하락|떨어|느리|느려|내려|내리|악화",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"increas|grow|more\b|rais|rise|boost|improv|gain|higher|greater|\bup by|fast|speed|outperform"
    r"|늘|증가|높|상승|향상|빠르|빨라|개선|올라|올리|오르|나아",
    re.IGNORECASE,
)
_AROUND = {"en": (30, 25), "ko": (0, 12)}
"""Characters before and after a number within which its direction is said."""

_FILLER = (
    _rule(
        r"(?:중요한|획기적인|놀라운|의미 있는|뜻깊은|큰) (?:성과|의의|의미|진전|발전"
        r"|연구|기여|이정표)(?:입니다|이라고|라고|를 가|을 가|가 있|이 있|로 평가)",
        r"significan|important|breakthrough|major|milestone|remarkabl|notabl|impressive|progress|advanc"
        r"|contribut|landmark|key|crucial|great|critical|essential|meaningful",
        "praises what its source does not",
    ),
    _rule(
        r"(?:더 많은|추가|후속|추가적인|지속적인) 연구(?:가|는|도)? (?:필요|요구|기대|이어)"
        r"|앞으로(?:도)? .{0,30}(?:필요|기대|주목)",
        r"future|further|more (?:research|work|stud)|follow-up|remain|need|additional"
        r"|open (?:question|problem)|next|will\b|call for|require|ongoing",
        "asks for more research",
    ),
    _rule(
        r"(?:할|될|줄|칠|미칠|열|높일|이어질|넓힐) 것으로 (?:기대|예상|전망|보입|예측)"
        r"|기대(?:됩니다|를 모)|주목(?:됩니다|받고|할 만|을 받)|귀추가",
        r"expect|hope|promis|potential|likely|will\b|anticipat|may\b|could|might|predict|would|seem|appear"
        r"|attention|notabl|interest|suggest|aim|future|pave|forecast|project|toward|possib|believe",
        "expects what its source does not",
    ),
)
_ENGLISH_FILLER = (
    _rule(
        r"미래|향후|앞으로|추가|후속|더 많은|필요|과제|기대|남|예정|요구",
        r"\b(?:more|further|future) (?:research|work|studies) (?:is|are|will be)"
        r" (?:need|requir|expect)",
        "asks for more research",
    ),
    _rule(
        r"중요|획기|의미|의의|성과|진전|기여|이정표|놀라|주요|발전|큰|핵심",
        r"\bthis (?:work |result |is )+(?:a |an )?(?:very )?(?:significant|important|major"
        r"|remarkable|groundbreaking)\b",
        "praises what its source does not",
    ),
    _rule(
        r"기대|예상|전망|가능성|수 있|것입니다|예정|미래|향후|앞으로|잠재|할 것|될 것",
        r"\b(?:is|are) expected to\b|\bwill (?:have|revolution|transform|change)",
        "expects what its source does not",
    ),
)
_CLAUSE = re.compile(r"[,;.]\s| and |고 |며 ")
_RELATIVE = ("percent", "times")
_SENTENCES = re.compile(r"(?<=[.!?;])\s+")
_PAIR = 2
_MAX_END = 30
"""Characters after the last name or number of a text that ends with it."""


def check_filler(source: str, text: str) -> Iterator[Fault]:
    """Yield praise and guesses of a text whose source, in any language, has no word for them."""
    for rule in (*_FILLER, *_ENGLISH_FILLER):
        said, reason = rule.korean, rule.english
        if rule in _ENGLISH_FILLER:
            said, reason = reason, said
        found = said.search(text)
        if found and not reason.search(source):
            yield _fault(found[0], rule)


def check_meaning(source: str, text: str, language: str) -> Iterator[Fault]:
    """Yield what a translation says and its source cannot; `language` is the translation's."""
    if language not in LANGUAGES:
        # Their words are not known; what stands in digits and Latin letters is compared.
        yield from _check_swaps(source, text)
        return
    korean, english = (text, source) if language == "ko" else (source, text)
    if language == "ko":
        for rule in (*_OPPOSITES, *_FILLER):
            found = rule.korean.search(korean)
            if found and not rule.english.search(english):
                yield _fault(found[0], rule)
    else:
        for rule in _ENGLISH_FILLER:
            found = rule.english.search(english)
            if found and not rule.korean.search(korean):
                yield _fault(found[0], rule)
    yield from _check_directions(source, text, language)
    yield from _check_swaps(source, text)
    yield from _check_end(source, text)


def _fault(said: str, rule: _Rule) -> Fault:
    return Fault(Check.MEANING, f"“{said.strip()}” {rule.message}; the source gives no reason.")


def _check_directions(source: str, text: str, language: str) -> Iterator[Fault]:
    """Yield numbers by which something shrinks in one text and grows in the other."""
    other = "en" if language == "ko" else "ko"
    wanted, told = _directions(source, other), _directions(text, language)
    for number in wanted.keys() & told.keys():
        if {wanted[number], told[number]} == {"more", "less"}:
            yield Fault(
                Check.MEANING, f"{number} is {wanted[number]} in the source, not {told[number]}."
            )


def _directions(text: str, language: str) -> Mapping[str, str]:
    """Return what is said of each number with a unit: more, or less; others are left out."""
    before, after = _AROUND[language]
    found: dict[str, str] = {}
    place = 0
    for number in find_numbers(text):
        place = max(text.find(number.text, place), place)
        end = place + len(number.text)
        near = _CLAUSE.split(text[max(place - before, 0) : place])[-1]
        near += " " + _CLAUSE.split(text[end : end + after])[0]
        is_more, is_less = bool(_MORE.search(near)), bool(_LESS.search(near))
        name = f"{number.value:g} {number.unit}"
        if number.unit in _RELATIVE and is_more != is_less and name not in found:
            found[name] = "more" if is_more else "less"
    return found


def _check_swaps(source: str, text: str) -> Iterator[Fault]:
    """Yield names that have each other's numbers: A 18, B 7 became A 7, B 18."""
    told = {pair for sentence in _SENTENCES.split(text) for pair in _owners(sentence)}
    for sentence in _SENTENCES.split(source):
        owners = _owners(sentence)
        for (one, first), (other, second) in pairwise(owners):
            if one == other or first == second:
                continue
            if {(one, second), (other, first)} <= told and not {(one, first)} & told:
                yield Fault(
                    Check.MEANING,
                    f"{first} belongs to {one}, and {second} to {other}, not the other way.",
                )


def _owners(sentence: str) -> Sequence[tuple[str, str]]:
    """Return the numbers of a sentence that follow a name, each with that name."""
    places = [(sentence.find(name), name, "") for name in find_names(sentence)]
    after = 0
    for number in find_numbers(sentence):
        after = sentence.find(number.text, after)
        places.append((after, "", f"{number.value:g} {number.unit}".strip()))
    marks = sorted(places)
    found = [(name, number) for (_, name, _), (_, _, number) in pairwise(marks) if name and number]
    return found if len(found) >= _PAIR else ()


def _check_end(source: str, text: str) -> Iterator[Fault]:
    """Yield a sentence after the last name or number, where the source ends with that."""
    marks = {*find_names(source), *(number.text for number in find_numbers(source))}
    ends = [(source.rfind(mark) + len(mark), mark) for mark in marks if mark in text]
    if not ends:
        return
    end, last = max(ends)
    if len(source) - end > _MAX_END:
        return
    _, *more = _SENTENCES.split(text[text.rfind(last) :])
    if more and more[-1][:1].isalpha():
        yield Fault(Check.MEANING, f"“{more[-1].strip()}” is added; the source ends before it.")

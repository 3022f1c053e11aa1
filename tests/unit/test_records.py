"""Records behave as dataclasses of the standard library, which they are compared with throughout."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
import typing
from typing import ClassVar

import pytest

from policy import records

if typing.TYPE_CHECKING:
    from collections.abc import Mapping


@records.dataclass(frozen=True, slots=True)
class Place:
    line: int
    column: int = 1
    names: list[str] = records.field(default_factory=list, compare=False)
    secret: Mapping[str, str] | None = records.field(default=None, repr=False)
    kind: ClassVar[str] = "place"

    @property
    def both(self):
        return self.line, self.column


def classes(module):
    @module.dataclass(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 0
        near: list[int] = module.field(default_factory=list, compare=False)
        hidden: str = module.field(default="", repr=False)

    @module.dataclass(frozen=True, slots=True)
    class Named(Point):
        name: str = "nameless"
        y: int = 5

    @module.dataclass(slots=True)
    class Box:
        size: int

        def __post_init__(self):
            self.size += 1

    @module.dataclass(frozen=True, slots=True, eq=False)
    class Token:
        text: str

    @module.dataclass(frozen=True, slots=True, order=True)
    class Version:
        numbers: tuple[int, ...]
        text: str = module.field(default="", compare=False)
        heard: object = module.field(default=None, hash=False)

    @module.dataclass(frozen=True)
    class Loose:
        x: int = 3

    @module.dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    @module.dataclass(frozen=True, slots=True)
    class Own:
        x: int

        def __eq__(self, other):
            return True

        def __repr__(self):
            return "own"

    return Point, Named, Box, Token, Version, Loose, Nothing, Own


def said(make):
    """What comes of it: the text of the object, or that it is refused."""
    try:
        return repr(make())
    except (TypeError, AttributeError):
        return "refused"


STANDARD = classes(dataclasses)


def ours(number, *, often):
    """A class of ours that was never used, or one whose methods are compiled, as after many calls."""
    cls = classes(records)[number]
    for method in ("__init__", "__eq__", "__hash__", "__lt__", "__le__", "__gt__", "__ge__") if often else ():
        getattr(cls, method, None)  # asked of the class, not of an object
    return cls


@pytest.mark.parametrize("often", [False, True], ids=["first", "often"])
@pytest.mark.parametrize("number", range(len(STANDARD)), ids=[cls.__name__ for cls in STANDARD])
@pytest.mark.parametrize(
    "use",
    [
        lambda cls: cls(),
        lambda cls: cls(1),
        lambda cls: cls(1, 2),
        lambda cls: cls(x=1),
        lambda cls: cls(1, hidden="h", near=[3]),
        lambda cls: cls(1, unknown=2),
        lambda cls: cls(1) == cls(1),
        lambda cls: cls(1) != cls(2),
        lambda cls: cls(1) == 1,
        lambda cls: cls(1) == type("Sub", (cls,), {})(1),
        lambda cls: hash(cls(1)) == hash(cls(1)),
        lambda cls: isinstance(hash(cls([])), int),
        lambda cls: hash(cls(1, heard=[])),
        lambda cls: cls(1, heard=2) == cls(1, heard=3),
        lambda cls: cls(1) < cls(2),
        lambda cls: (cls(2) >= cls(1), cls(1) <= cls(1), cls(1) > cls(1)),
        lambda cls: setattr(cls(1), "x", 2),
        lambda cls: setattr(cls(1), "other", 2),
        lambda cls: delattr(cls(1), "x"),
        lambda cls: cls(1).__dict__,
        lambda cls: cls.__match_args__,
        lambda cls: str(inspect.signature(cls)).replace("'", ""),
        lambda cls: typing.get_type_hints(cls.__init__),
        lambda cls: [(f.name, f.type, f.repr, f.compare, f.init) for f in dataclasses.fields(cls)],
        lambda cls: dataclasses.is_dataclass(cls) and dataclasses.is_dataclass(cls(1)),
        lambda cls: dataclasses.asdict(cls(1)),
        lambda cls: dataclasses.astuple(cls(1)),
        lambda cls: dataclasses.replace(cls(1), x=4),
        lambda cls: copy.deepcopy(cls(1)),
        lambda cls: copy.copy(cls(1)) == cls(1),
        lambda cls: (cls.__qualname__, cls.__module__, cls.__init__.__qualname__),
    ],
)
def test_a_record_is_a_dataclass(number, often, use):
    assert said(lambda: use(STANDARD[number])) == said(lambda: use(ours(number, often=often)))


@pytest.mark.parametrize("often", [False, True], ids=["first", "often"])
@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, 2, 3, 4, 5), {}), ((1,), {"x": 1}), ((1,), {"unknown": 2}), ((), {"y": 1})]
)
def test_wrong_arguments_are_told_as_by_a_dataclass(values, named, often):
    told = []
    for cls in (STANDARD[0], ours(0, often=often)):
        with pytest.raises(TypeError) as raised:
            cls(*values, **named)
        told.append(str(raised.value))
    assert told[0] == told[1]


def test_all_objects_of_a_class_are_alike():
    Point = ours(0, often=False)  # noqa: N806 - a class
    points = [Point(1, near=[number]) for number in range(200)]
    assert {points[0]} == set(points)
    assert points[0] == points[-1]
    assert [0, 199] == [points[0].near[0], points[-1].near[0]]


def test_replace_is_that_of_the_standard_library():
    place = Place(1, 2, ["a"])
    assert dataclasses.replace(place, line=5) == records.replace(place, line=5) == Place(5, 2)
    assert ["a"] == records.replace(place, line=5).names
    with pytest.raises(TypeError):
        records.replace(place, unknown=1)


def test_an_error_shows_no_hidden_field():
    assert "Place(line=1, column=1, names=[])" == repr(Place(1, secret={"a": "b"}))


def test_a_record_that_holds_itself_has_a_text():
    place = Place(1)
    place.names.append(place)
    assert "Place(line=1, column=1, names=[...])" == repr(place)


def test_a_frozen_record_stays_as_it_is():
    place = Place(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'line'"):
        place.line = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'line'"):
        del place.line
    assert 1 == place.line


def test_factories_make_a_new_value_for_each_object():
    assert Place(1).names is not Place(1).names


def test_records_are_pickled_and_match_patterns():
    match pickle.loads(pickle.dumps(Place(3, 4))):
        case Place(line, column):
            assert (3, 4) == (line, column)
    assert (3, 4) == Place(3, 4).both
    assert "place" == Place.kind


def test_nothing_is_compiled_before_it_is_called_often():
    script = (
        "import sys; from policy import records\n"
        "sys.addaudithook(lambda event, _: event == 'compile' and print('compiled'))\n"
        "class A:\n x: 'int'\n y: 'int' = 1\n"
        "A = records.dataclass(frozen=True, slots=True)(A)\n"
        "print('made'); A(1) == A(2); print('used'); [A(number) for number in range(1000)]; print('end')\n"
        "print('dataclasses' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ["made", "used", "compiled", "end", "False"] == told.stdout.split()

"""Named tuples behave as those of the standard library, which they are compared with throughout."""

from __future__ import annotations

import copy
import pickle
import typing

import pytest

from policy import tuples


class Place(tuples.NamedTuple):
    """A place."""

    line: int
    column: int = 1

    @property
    def both(self):
        return self.line, self.column


def classes(base):
    class Point(base):
        x: int
        y: int = 0
        near: tuple[int, ...] = ()

        def moved(self, by):
            return self._replace(x=self.x + by)

    class One(base):
        x: object

    class Nothing(base):
        pass

    return Point, One, Nothing


STANDARD = classes(typing.NamedTuple)


def ours(number, *, often):
    """A class of ours that was never used, or one that is compiled, as after many objects."""
    cls = classes(tuples.NamedTuple)[number]
    for _ in range(100 if often else 0):
        cls.__new__  # noqa: B018 - to look it up is to use it
    return cls


def said(make):
    """What comes of it: the text of the object, or that it is refused; Python's versions differ in the error."""
    try:
        return repr(make())
    except (TypeError, AttributeError, ValueError):
        return "refused"


@pytest.mark.parametrize("often", [False, True], ids=["first", "often"])
@pytest.mark.parametrize("number", range(len(STANDARD)), ids=[cls.__name__ for cls in STANDARD])
@pytest.mark.parametrize(
    "use",
    [
        lambda cls: cls(),
        lambda cls: cls(1),
        lambda cls: cls(1, 2),
        lambda cls: cls(y=2, x=1),
        lambda cls: cls(1, unknown=2),
        lambda cls: cls(1, x=2),
        lambda cls: cls(1, 2, 3, 4),
        lambda cls: cls(1) == (1, 0, ()),
        lambda cls: cls(1) == cls(1) and hash(cls(1)) == hash(cls(1)),
        lambda cls: cls(1) < cls(2),
        lambda cls: cls(1).moved(2),
        lambda cls: cls(1)._asdict(),
        lambda cls: cls(1)._replace(x=3),
        lambda cls: cls(1)._replace(z=3),
        lambda cls: cls._make([1]),
        lambda cls: cls._make([1, 2, 3]),
        lambda cls: (cls._fields, cls._field_defaults, cls.__match_args__),
        lambda cls: cls(1).__dict__,
        lambda cls: setattr(cls(1), "x", 2),
        lambda cls: setattr(cls(1), "other", 2),
        lambda cls: copy.deepcopy(cls(1)),
        lambda cls: copy.copy(cls(1)) == cls(1),
        lambda cls: cls(1)[0],
        lambda cls: cls(1).x,
        lambda cls: typing.get_type_hints(cls),
        lambda cls: (cls.__qualname__, cls.__module__, cls.__bases__ == (tuple,) or issubclass(cls, tuple), type(cls)),
    ],
)
def test_a_tuple_is_a_named_tuple(number, often, use):
    assert said(lambda: use(STANDARD[number])) == said(lambda: use(ours(number, often=often)))


@pytest.mark.parametrize("often", [False, True], ids=["first", "often"])
@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, 2, 3, 4, 5), {}), ((1,), {"x": 1}), ((1,), {"unknown": 2}), ((), {"y": 1})]
)
def test_wrong_arguments_are_told_alike(values, named, often):
    told = []
    for cls in (STANDARD[0], ours(0, often=often)):
        with pytest.raises(TypeError) as raised:
            cls(*values, **named)
        told.append(str(raised.value).rpartition("Point.")[2])
    assert told[0] == told[1]


def test_tuples_are_pickled_and_match_patterns():
    match pickle.loads(pickle.dumps(Place(3, 4))):
        case Place(line, column):
            assert (3, 4) == (line, column)
    assert (3, 4) == Place(3, 4).both
    assert "A place." == Place.__doc__


def test_all_objects_of_a_class_are_alike():
    made = [Place(3) for _ in range(200)]
    assert {Place(3)} == set(made) == {(3, 1)}
    assert {Place} == set(map(type, made))

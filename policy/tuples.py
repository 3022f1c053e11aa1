"""``NamedTuple`` of :mod:`typing`, made cheap to import, as :mod:`policy.records` makes ``dataclass``.

Each class of the standard library's costs a fifth of a millisecond when its module is imported, and a run has some sixty.
What comes out is the same; ``__new__`` is compiled when the class is used often, and there is no text about each field.
Annotations are text (``from __future__ import annotations``), and a class is not extended.

>>> class Place(NamedTuple):
...     line: int
...     column: int = 1
>>> Place(3), Place(3) == (3, 1), Place(3)._replace(line=4).line
(Place(line=3, column=1), True, 4)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    try:
        from _collections import _tuplegetter as _getter  # what the standard library's have
    except ImportError:  # another Python
        from operator import itemgetter

        def _getter(index, _):
            return property(itemgetter(index))

    _FEW = 40
    """Calls of ``__new__`` before it is compiled; together they lose as much time as that takes."""

    class _Named(tuple):
        """What all of them do alike."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **changes):
            made = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise TypeError(f"Got unexpected field names: {list(changes)!r}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            shown = (f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{self.__class__.__name__}({', '.join(shown)})"

        def __getnewargs__(self):
            return tuple(self)

    class _Maker(type):
        """Makes of the body of a class one that extends ``_Named`` and is of no special type."""

        def __new__(cls, name, bases, members):
            if not bases or bases == (_Named,):
                return super().__new__(cls, name, bases, members)
            fields = tuple(members.get("__annotations__", ()))
            defaults = {field: members.pop(field) for field in fields if field in members}
            members |= {field: _getter(index, None) for index, field in enumerate(fields)}
            members |= {"__slots__": (), "__match_args__": fields, "_fields": fields, "_field_defaults": defaults}
            members["__new__"] = _LateNew()
            return type(name, (_Named,), members)

    class _LateNew:
        """A ``__new__`` that looks at each field for the first objects; then a compiled one takes its place."""

        __slots__ = ("calls", "owner")

        def __init__(self):
            self.calls = 0

        def __set_name__(self, owner, _):
            self.owner = owner

        def __get__(self, _, cls=None):
            self.calls += 1
            if self.calls <= _FEW:
                return self.plain
            made = _compiled(self.owner)
            self.owner.__new__ = staticmethod(made)
            return made

        def plain(self, cls, /, *values, **named):
            fields, defaults = self.owner._fields, self.owner._field_defaults
            given = defaults | dict(zip(fields, values, strict=False)) | named
            names = {*fields[: len(values)], *named}
            if len(given) == len(fields) and len(names) == len(values) + len(named) and given.keys() == set(fields):
                return tuple.__new__(cls, map(given.__getitem__, fields))
            return _compiled(self.owner)(cls, *values, **named)  # which says what is wrong with the arguments

    def _compiled(owner):
        """The ``__new__`` of a class as a function that Python compiles."""
        defaults = owner._field_defaults
        parameters = (f"{name}=_defaults[{name!r}]" if name in defaults else name for name in owner._fields)
        values = " ".join(f"{name}," for name in owner._fields)
        made = {"_new": tuple.__new__, "_defaults": defaults}
        exec(f"def __new__(_cls, {', '.join(parameters)}):\n return _new(_cls, ({values}))", made)  # noqa: S102 - written here, of names of fields
        made["__new__"].__qualname__ = f"{owner.__qualname__}.__new__"
        return made["__new__"]

    class NamedTuple(_Named, metaclass=_Maker):
        """As :class:`typing.NamedTuple`."""

        __slots__ = ()

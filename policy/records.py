"""``dataclass``, ``field`` and ``replace`` of the standard library, made cheap to import.

A command line pays for each class that it defines before it says a word.
The decorator of :mod:`dataclasses` writes and compiles six functions for each class when its module is imported: half a
millisecond, for some two hundred classes a third of a whole run.
The one of this module compiles those that are called often: most never are.

What comes out is the same: slots, immutability, equality by class and fields, ``__post_init__``, pattern matching, and
whatever the functions of :mod:`dataclasses` say of a class or an object.
Type checkers see the standard library's.
The options that this project uses are known and no others, annotations are text (``from __future__ import
annotations``), and a record may extend a record.

>>> @dataclass(frozen=True, slots=True)
... class Place:
...     line: int
...     column: int = 1
>>> Place(3)
Place(line=3, column=1)
>>> Place(3) == Place(3, 1), replace(Place(3), line=4)
(True, Place(line=4, column=1))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    import operator
    import sys
    from functools import partial
    from reprlib import recursive_repr

    _MISSING = object()
    _COMPARISONS = {"__eq__": "==", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
    _FEW = 40
    """Calls of a method before it is compiled; together they lose as much time as that takes."""

    class _FactoryDefault:
        """What stands in a signature for a value that a factory makes."""

        def __repr__(self):
            return "<factory>"

    class _Field:
        """What is known of one field."""

        __slots__ = ("annotation", "compare", "default", "default_factory", "hash", "repr")

        def __init__(self, *, default=_MISSING, default_factory=_MISSING, repr=True, hash=None, compare=True):  # noqa: A002
            self.default = default
            self.default_factory = default_factory
            self.repr = repr
            self.hash = compare if hash is None else hash
            self.compare = compare

    def field(**about):
        """As :func:`dataclasses.field`, with ``default``, ``default_factory``, ``repr``, ``hash`` and ``compare``."""
        return _Field(**about)

    def replace(record, /, **changes):
        """As :func:`dataclasses.replace`."""
        for name in record.__record_fields__:
            if name not in changes:
                changes[name] = getattr(record, name)
        return type(record)(**changes)

    def dataclass(*, frozen=False, slots=False, eq=True, order=False):
        """As :func:`dataclasses.dataclass`."""

        def decorate(cls):
            own = _own_fields(cls)
            inherited = {}
            for base in reversed(cls.__mro__[1:]):
                inherited |= base.__dict__.get("__record_fields__", {})
            fields = inherited | own
            members = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
            for name, about in own.items():
                if slots or about.default is _MISSING:
                    members.pop(name, None)
                else:
                    members[name] = about.default
            if slots:
                members["__slots__"] = tuple(name for name in own if name not in inherited)
            members["__record_fields__"] = fields
            members["__dataclass_fields__"] = _StandardFields()
            members.setdefault("__match_args__", tuple(fields))
            members.setdefault("__init__", _Late(_plain_init, _frozen_init if frozen else _mutable_init))
            members.setdefault("__repr__", _repr)
            if eq:
                members.setdefault("__eq__", _Late(_plain_comparison, _comparison))
                if members.get("__hash__") is None:  # Python sets None beside an __eq__ of the class
                    members["__hash__"] = _Late(_plain_hash, _hash) if frozen else None
            if order:
                members |= {name: _Late(_plain_comparison, _comparison) for name in _COMPARISONS if name not in members}
            if frozen:
                members |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
                members.setdefault("__getstate__", _state)
                members.setdefault("__setstate__", _restore)
            made = type(cls)(cls.__name__, cls.__bases__, members)
            made.__qualname__ = cls.__qualname__
            return made

        return decorate

    def _own_fields(cls):
        """The fields that the class itself names, in their order."""
        fields = {}
        for name, annotation in cls.__annotations__.items():
            if not annotation.startswith(("ClassVar", "typing.ClassVar")):
                value = cls.__dict__.get(name, _MISSING)
                fields[name] = about = value if isinstance(value, _Field) else _Field(default=value)
                about.annotation = annotation
        return fields

    class _Late:
        """A method whose first calls go through the fields one by one; then a compiled one takes its place in the class."""

        __slots__ = ("calls", "compile", "name", "owner", "plain")

        def __init__(self, plain, compile):  # noqa: A002
            self.plain = plain
            self.compile = compile
            self.calls = 0

        def __set_name__(self, owner, name):
            self.owner = owner
            self.name = name

        def __get__(self, record, cls=None):
            if record is not None and self.calls < _FEW:
                self.calls += 1
                return partial(self.plain, self.owner, self.name, record)
            method = self.owner.__dict__[self.name]
            if method is self:  # no other thread was faster
                method = self.compile(self.owner, self.name)
                method.__qualname__ = f"{self.owner.__qualname__}.{self.name}"
                setattr(self.owner, self.name, method)
            return method.__get__(record, cls)

    def _compiled(cls, name, parameters, lines, values):
        """A function of the class's module in whose body ``values`` are known."""
        body = "\n".join(f"  {line}" for line in lines)
        source = f"def make({', '.join(values)}):\n def {name}({', '.join(parameters)}):\n{body}\n return {name}"
        module = sys.modules.get(cls.__module__)
        made = {}
        exec(source, vars(module) if module else {}, made)  # noqa: S102 - written here, of names of fields
        return made["make"](**values)

    def _init(cls, name, *, frozen):
        values = {"_factory": _FactoryDefault(), "_set": object.__setattr__}
        parameters, lines = ["self"], []
        for key, about in cls.__record_fields__.items():
            parameter, value = key, key
            if about.default is not _MISSING:
                values[f"_default_{key}"] = about.default
                parameter = f"{key}=_default_{key}"
            elif about.default_factory is not _MISSING:
                values[f"_make_{key}"] = about.default_factory
                parameter = f"{key}=_factory"
                value = f"_make_{key}() if {key} is _factory else {key}"
            parameters.append(parameter)
            lines.append(f"_set(self, {key!r}, {value})" if frozen else f"self.{key} = {value}")
        if hasattr(cls, "__post_init__"):
            lines.append("self.__post_init__()")
        init = _compiled(cls, name, parameters, lines or ["pass"], values)
        init.__annotations__ = {key: about.annotation for key, about in cls.__record_fields__.items()} | {
            "return": None
        }
        return init

    def _frozen_init(cls, name):
        return _init(cls, name, frozen=True)

    def _mutable_init(cls, name):
        return _init(cls, name, frozen=False)

    def _plain_init(cls, name, record, /, *values, **named):
        fields = cls.__record_fields__
        given = dict(zip(fields, values, strict=False)) | named
        right = len(given) == len(values) + len(named)
        put = object.__setattr__ if cls.__setattr__ is _refuse_to_set else setattr
        for key, about in fields.items():
            if key in given:
                put(record, key, given.pop(key))
            elif about.default is not _MISSING:
                put(record, key, about.default)
            elif about.default_factory is not _MISSING:
                put(record, key, about.default_factory())
            else:
                right = False
        if given or not right:
            getattr(cls, name)(record, *values, **named)  # the compiled one says what is wrong with the arguments
        elif hasattr(record, "__post_init__"):
            record.__post_init__()

    def _compared(cls, use):
        """The names of the fields that count for this use."""
        return [key for key, about in cls.__record_fields__.items() if getattr(about, use)]

    def _values(cls, use, record):
        """The values of ``record`` that count for this use, as source of a tuple."""
        return f"({' '.join(f'{record}.{key},' for key in _compared(cls, use))})"

    def _comparison(cls, name):
        answer = f"{_values(cls, 'compare', 'self')} {_COMPARISONS[name]} {_values(cls, 'compare', 'other')}"
        lines = ("if other.__class__ is self.__class__:", f" return {answer}", "return NotImplemented")
        return _compiled(cls, name, ("self", "other"), lines, {})

    def _plain_comparison(cls, name, record, other, /):
        if other.__class__ is not record.__class__:
            return NotImplemented
        keys = _compared(cls, "compare")
        sides = (tuple(getattr(side, key) for key in keys) for side in (record, other))
        return getattr(operator, name)(*sides)

    def _hash(cls, name):
        return _compiled(cls, name, ("self",), (f"return hash({_values(cls, 'hash', 'self')})",), {})

    def _plain_hash(cls, _, record, /):
        return hash(tuple(getattr(record, key) for key in _compared(cls, "hash")))

    @recursive_repr()
    def _repr(self):
        shown = (f"{key}={getattr(self, key)!r}" for key, about in self.__record_fields__.items() if about.repr)
        return f"{self.__class__.__qualname__}({', '.join(shown)})"

    def _refuse_to_set(_, name, __):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(_, name):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _state(self):
        return [getattr(self, name) for name in self.__record_fields__]

    def _restore(self, state):
        for name, value in zip(self.__record_fields__, state, strict=True):
            object.__setattr__(self, name, value)

    class _StandardFields:
        """The fields as :mod:`dataclasses` describes them, made when one of its functions asks."""

        def __get__(self, record, cls):
            from dataclasses import field as standard_field
            from dataclasses import make_dataclass

            described = []
            for name, about in cls.__record_fields__.items():
                known = {"repr": about.repr, "hash": about.hash, "compare": about.compare}
                for option in ("default", "default_factory"):
                    if getattr(about, option) is not _MISSING:
                        known[option] = getattr(about, option)
                described.append((name, about.annotation, standard_field(**known)))
            made = make_dataclass(cls.__name__, described).__dataclass_fields__
            cls.__dataclass_fields__ = made  # the next one who asks finds them in the place of this object
            return made

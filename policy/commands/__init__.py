"""The commands: one module each with a ``command``, found by its name, imported when it is called.

The first line of a module's docstring is what the list of commands says about it, so that the list imports none.
Modules whose names begin with an underscore are parts that commands share.
"""

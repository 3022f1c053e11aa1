"""The language server: findings while typing, and what the files mean where the cursor stands.

One module a feature;
:mod:`policy.editor.binding` binds them to the protocol.
Positions become offsets at the border (:mod:`policy.editor.units`); what is costly is computed once for all files of a
folder, on a thread of its own (:mod:`policy.editor.scheduling`), and features answer from what is there.
"""

"""The report as one page that needs nothing else: findings, who may do what, decisions on demand, ways through the policy.

One module a part; :mod:`policy.report.html.assembly` puts them together.
The scripts in ``assets`` read the tables that the modules write, name by name.
"""

from __future__ import annotations

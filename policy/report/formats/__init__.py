"""The formats of reports, one module each with a function ``render(result, options) -> str``."""

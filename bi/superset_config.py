"""Settings that Superset needs for the bundle to read as French: to import, or to copy, into superset_config.py."""

BABEL_DEFAULT_LOCALE = "fr"
LANGUAGES = {"fr": {"flag": "fr", "name": "Français"}}
# 16 471 and 7,35: a narrow no-break space between thousands, as the reports print
D3_FORMAT = {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"]}

"""The leaflet of one organisme, as a page and as a PDF: every figure is printed from its own DuckDB file.

Beside it, the stories of the programme that are this organisme's own are texts, and in no table.

- `standing`  its figures beside the region's and the anonymous distribution, read from its file
- `between`   what it hears between two waves of the survey
- `content`   what the leaflet prints: one content for the page and the PDF, so that they say the same
- `page`      the page
- `printing`  prints the leaflets of an edition and puts them in their place

What does not belong here: the regional file. A leaflet cannot tell of another organisme what its file does not hold.
"""

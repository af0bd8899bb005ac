"""Reports printed from a published edition: plain Python, usable without Dagster.

- `formats`     how a number, a date, a verdict or a sentence is written; the words are those of `orchestration.words`
- `figures`     what the report says, read from the published DuckDB file
- `cells`       a figure and where it was read; the published file
- `indicators`  the shapes of the report: indicator, theme, first page
- `study`       the study around the figures: profile, coverage, segments, sources
- `quality`     the quality report, in the order of European statistics
- `charts`      one drawing per theme; `svg` makes it part of the page
- `site`        the page: `build_report(database, programme, out)`
- `explorer/`   the page on which a reader chooses, and its files of data
- `readings`    second readings: quartiles, other methods and barèmes, priorities, comparable profile
- `notices`     what is new, not comparable or masked; how people answered
- `leading`     which answers clearly lead, in a sentence
- `marks`       what a drawing shows, and the same in words; `charts`, `priority_chart` draw, `tiles` is the map
- `downloads`   the data beside the page; `identity` the programme's colours and logo
- `workshop`    the engineer's page of deliveries and their rejects, which no report contains
- `letter/`     the regional letter, a PDF
- `leaflet/`    one leaflet per organisme, page and PDF, from its own file
- `printing`    prints a report and puts it in its place; `printed` whether they all do

What does not belong here: estimation, tests, masking. A figure is read from a published table or it is not
printed.
"""

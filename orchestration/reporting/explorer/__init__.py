"""The explorer: a second page of the report, on which a reader chooses what is shown.

- `ledger`   the numbers and words of a question's file, each said once, as the page says them
- `measures` what a question may be read by: note, rate, score, share of each answer
- `content`  a question's published cells, by measure, perimeter, axis, segment and wave
- `page`     writes `explorateur.html` and one file of data per question, which the page loads when it is asked for

Nothing is formatted or decided in the browser: each figure stands beside its text, each empty cell beside its reason.
"""

"""Secondary suppression: which cells may leave the warehouse without another one being worked out from them.

`leeway` measures what published cells leave unknown, `admission` lets cells out one by one while enough stays unknown,
`cube` turns the warehouse's rows into the arrays both work on. Nothing here knows dbt or a file; primary suppression
(small bases, few organismes, dominance, unanimity) is SQL and arrives as a status.
"""

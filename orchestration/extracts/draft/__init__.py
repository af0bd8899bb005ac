"""Proposes the contract of an unknown extract: what each column is, what each value means, and how sure that is.

In: one delivered file and the programme. Out: a draft in YAML, each line with its confidence and its reason; what the
evidence does not settle is left to a person. Nothing here writes into the lake, and a draft loads nothing.

    header     first rows → titles, and the survey tool that writes such ones (tools, outils.yaml)
    sniff      file → form (dialect, header, sheets), tables of text, labels that the file carries
    titles     title → the question it is a part of, and which part
    profile    column → what its cells look like
    units      title, bounds of an axis → the unit in which numbers count
    roles      column → interview, date, organisme, weight, stratum, axis, field management, personal data
    groups     columns → answers to one question (several columns for a question with several answers)
    align      answers → questions, all at once, in the order of the questionnaire
    codes      values → codes; candidate readings, told apart by labels, filters and the sampling plan
    counts     a delivery of counts, in place of all that: titles (counts_titles), other columns (counts_roles), a
               frequency table spread (counts_spread), questions held against their numbers (counts_questions)
    propose    all of it, in order
    body       proposal → the lines of a contract (questions: those of questions)
    write      lines → YAML
"""

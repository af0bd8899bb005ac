"""The attacker: everything that is published, all at once, against what must stay unknown.

Nothing here is shared with the admission that chooses what is published: only the published files, their comments, and what
an outsider knows (the sampling plan, who took part, scales and scoring) are read. Run it on a programme that has published:

    python -m tests.support.joint_attack FOLDER [--attacker CODE] [--wave 2022] [--questions 10] [--kept 2022-1.0]

The unknowns are whole numbers: respondents per organisme, stratum (or segment of one axis) and answer. Each published number
is an interval, its value give or take half of its last decimal, and each interval is a line of a linear programme. What the
programme lets a secret be, at least and at most, is what the attacker knows of it. A secret known within less than the
protection (a share of its value) and less than a floor of respondents is a finding. Findings that say less are told apart:

- `rare answer`: so few gave it, in all that is published, that hardly anybody can have;
- `up to all`: only the lower end is learned, the upper one being all who answered;
- `answers`: how many answered, which is no answer; `routed answers`: the same of a question put to those who gave another answer.

Editions that somebody kept are read as one programme: an organisme whose delivery is the same has the same unknowns in all of them.
"""

{{ preparer(lac('engagements_questions')) }}

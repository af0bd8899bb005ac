{{ preparer(lac('engagements')) }}

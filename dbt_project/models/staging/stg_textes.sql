{{ preparer(lac('textes')) }}

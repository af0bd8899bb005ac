{{ preparer(lac('lots')) }}

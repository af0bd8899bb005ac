{{ preparer(lac('qualite')) }}

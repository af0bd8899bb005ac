{{ preparer(lac('sorties')) }}

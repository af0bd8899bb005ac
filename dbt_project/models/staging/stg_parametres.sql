{{ preparer(lac('parametres')) }}

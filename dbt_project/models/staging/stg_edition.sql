{{ preparer(lac('edition')) }}

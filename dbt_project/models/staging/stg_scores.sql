{{ preparer(lac('scores')) }}

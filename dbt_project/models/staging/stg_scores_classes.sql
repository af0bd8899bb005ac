{{ preparer(lac('scores_classes')) }}

{{ preparer(lac('scores_livres')) }}

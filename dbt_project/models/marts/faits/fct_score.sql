{{ publier('int_scores') }}

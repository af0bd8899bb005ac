{{ publier('int_quartiles') }}

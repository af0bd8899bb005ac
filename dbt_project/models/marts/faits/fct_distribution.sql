{{ publier('int_distribution') }}

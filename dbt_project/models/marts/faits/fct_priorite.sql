{{ publier('int_priorites') }}

{{ publier('int_modalites') }}

{{ publier('int_evolution') }}

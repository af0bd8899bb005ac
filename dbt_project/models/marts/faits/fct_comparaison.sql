{{ publier('int_comparaison') }}

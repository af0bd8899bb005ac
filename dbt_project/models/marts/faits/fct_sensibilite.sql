{{ publier('int_sensibilite') }}

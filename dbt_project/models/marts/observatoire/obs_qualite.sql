{{ publier('stg_qualite') }}

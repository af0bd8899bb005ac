{{ publier('stg_references_nationales') }}

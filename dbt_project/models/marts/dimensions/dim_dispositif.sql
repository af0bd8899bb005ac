{{ publier('stg_dispositifs') }}

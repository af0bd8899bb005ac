{{ publier('stg_themes') }}

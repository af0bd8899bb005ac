{{ publier('int_ecart_reference') }}

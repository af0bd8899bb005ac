{{ publier('int_satisfaction') }}

{#- Une cellule qui n'est pas publiée n'a aucune mesure, et dit pourquoi. -#}
{% test masque_complet(model, mesures) %}

select *
from {{ model }}
where
    statut <> 'V'
    and (
        motif_statut is null
        {%- for mesure in mesures %}
        or {{ mesure }} is not null
        {%- endfor %}
    )

{% endtest %}

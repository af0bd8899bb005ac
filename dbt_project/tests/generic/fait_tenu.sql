{#-
    Un fait tient ce que son YAML déclare, organismes compris : sa clé ne se répète pas ; une cellule masquée dit pourquoi, et n'a
    aucune mesure, hors celles qui sont déclarées visibles. `de` est le modèle dont les fichiers des organismes sont faits.
    Une ligne en défaut vient avec sa clé et le défaut.
-#}
{% test fait_tenu(model, de) %}

{%- set cle = colonnes(model.identifier, 'cle') if execute else ['1'] -%}
{%- set mesures = colonnes(model.identifier, 'mesure') if execute else [] %}
with sorties as (
    select * from {{ sorties(model, de) }} as lignes
)

select
    {{ cle | join(', ') }},
    'clé répétée ' || cast(count(*) as {{ dbt.type_string() }}) || ' fois' as defaut
from sorties
group by {{ cle | join(', ') }}
having count(*) > 1
union all
select
    {{ cle | join(', ') }},
    'statut ' || statut || ' : ' || concat_ws(
        ', ',
        case when motif_statut is null then 'sans motif' end
        {%- for mesure in mesures %},
        case when {{ mesure }} is not null then '{{ mesure }} n''est pas vide' end
        {%- endfor %}
    ) as defaut
from sorties
where
    statut <> 'V'
    and (
        motif_statut is null
        {%- for mesure in mesures %}
        or {{ mesure }} is not null
        {%- endfor %}
    )

{% endtest %}

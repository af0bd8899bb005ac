{#- Une raison est dans dim_motif, son préfixe aussi, et le catalogue l'a mise en clair. -#}
{% test motif_connu(model, column_name, en_clair) %}

select
    faits.{{ column_name }},
    count(*) as lignes
from {{ model }} as faits
left join {{ ref('dim_motif') }} as raisons
    on
        split_part(faits.{{ column_name }}, '.', -1) = raisons.motif_code
        and raisons.emploi <> 'prefixe'
left join {{ ref('dim_motif') }} as prefixes
    on
        split_part(faits.{{ column_name }}, '.', 1) = prefixes.motif_code
        and prefixes.emploi = 'prefixe'
where
    (faits.{{ column_name }} is null) <> (faits.{{ en_clair }} is null)
    or (
        faits.{{ column_name }} is not null
        and (
            raisons.motif_code is null
            or (faits.{{ column_name }} like '%.%' and prefixes.motif_code is null)
        )
    )
group by faits.{{ column_name }}

{% endtest %}

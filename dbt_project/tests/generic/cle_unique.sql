{#- Une combinaison de colonnes qui fait le grain ne se répète pas. -#}
{% test cle_unique(model, colonnes) %}

select
    {{ colonnes | join(',\n    ') }},
    count(*) as occurrences
from {{ model }}
group by all
having count(*) > 1

{% endtest %}

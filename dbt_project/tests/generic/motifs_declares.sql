{#- Les raisons du catalogue de la langue sont exactement celles que les modèles écrivent. -#}
{% test motifs_declares(model) %}

with declares as (
    {%- for code in motifs() %}
    select '{{ code }}' as motif_code{{ '\n    union all' if not loop.last }}
    {%- endfor %}
)

select coalesce(declares.motif_code, dimension.motif_code) as motif_code
from declares
full outer join {{ model }} as dimension
    on declares.motif_code = dimension.motif_code
where declares.motif_code is null or dimension.motif_code is null

{% endtest %}

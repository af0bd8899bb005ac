with textes as (
    select *
    from {{ ref('stg_textes') }}
    where rubrique = 'motif'
)

select
    code as motif_code,
    case
        {%- for emploi in ['verdict', 'livraison', 'prefixe'] %}
        when code in ({{ codes_des_motifs(emploi) }}) then '{{ emploi }}'
        {%- endfor %}
        else 'statut'
    end as emploi,
    case
        {%- for statut in ['Z', 'E', 'S', 'D'] %}
        when code in ({{ codes_des_motifs(statut) }}) then '{{ statut }}'
        {%- endfor %}
    end as statut,
    libelle
from textes

-- Aucun périmètre d'organisme ne sort dans le fichier régional.
{%- set faits = [
    'fct_satisfaction', 'fct_distribution', 'fct_motif', 'fct_evolution', 'fct_comparaison', 'fct_ecart_reference',
    'fct_sensibilite', 'fct_quartile', 'fct_priorite', 'fct_profil_comparable',
] %}
{%- for fait in faits %}
select distinct
    '{{ fait }}' as fait,
    perimetre_type
from {{ ref(fait) }}
where perimetre_type not in ('region', 'famille', 'departement')
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}

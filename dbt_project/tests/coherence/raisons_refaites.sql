{#-
    Les faits dont une ligne est faite de cases entières, et ce que leur clé en dit : la case de la ligne ; celle de la vague
    précédente ; l'autre segment comparé, tous les autres organismes, ou ceux qui n'ont pas de démarche. Sans segment dans la clé, la case est l'ensemble.
-#}
{%- set faits = {
    'fct_satisfaction': 'int_satisfaction',
    'fct_distribution': 'int_distribution',
    'fct_motif': 'int_motif',
    'fct_sensibilite': 'int_sensibilite',
    'fct_ecart_reference': 'int_ecart_reference',
    'fct_evolution': 'int_evolution',
    'fct_comparaison': 'int_comparaison',
} -%}
-- La raison d'une ligne est celle que donnent de nouveau int_secret et les seuils, organismes compris : un statut changé
-- après coup ne laisse rien paraître. Que le statut suive la raison, `fait_tenu` le dit.
with {{ cellules_jugees() }},

restes as (
    {{ cases_de('reste') }}
)

{% for fait, modele in faits.items() %}
{%- set cle = colonnes(fait, 'cle') if execute else [] -%}
{%- set par_segment = 'segment' in cle -%}
{%- set avant = 'vague_precedente' in cle -%}
{%- set face = 'segment_compare' in cle -%}
{%- set attendue -%}
    {%- if avant -%}
        {{ motif_le_plus_grave('propres.motif', motif_d_une_autre('vague_precedente', 'autres.motif')) }}
    {%- elif face -%}
        case
            when propres.motif is not null then propres.motif
            when lignes.comparaison = 'segment'
                then {{ motif_d_une_autre('segment', 'autres.motif', 'lignes.segment_compare') }}
            when lignes.comparaison = 'demarche'
                then {{ motif_d_une_autre('autres_organismes', 'sans_demarche.motif') }}
            when regions.motif is not null
                then {{ motif_d_une_autre('autres_organismes', motif('region_masquee')) }}
            else {{ motif_d_une_autre('autres_organismes', 'restes.motif') }}
        end
    {%- else -%}
        propres.motif
    {%- endif -%}
{%- endset %}
select
    '{{ fait }}' as fait,
    {{ prises('lignes', ['vague', 'perimetre_type', 'perimetre', 'question_code', 'statut']) }},
    {{ motif_de('lignes') }} as raison,
    {{ attendue }} as attendue
from {{ sorties(ref(fait), ref(modele)) }} as lignes
{%- if avant %}
{%- for alias, vague in [('propres', 'vague'), ('autres', 'vague_precedente')] %}
left join perimetres as p_{{ alias }}
    on
        lignes.{{ vague }} = p_{{ alias }}.vague_mesuree
        and {{ memes('lignes', 'p_' ~ alias, ['methode', 'perimetre_type', 'perimetre']) }}
        and p_{{ alias }}.vague in (lignes.vague, lignes.{{ vague }})
        and lignes.vague_precedente = coalesce(p_{{ alias }}.vague_precedente, lignes.vague_precedente)
left join cases as {{ alias }}
    on
        p_{{ alias }}.vague_mesuree = {{ alias }}.vague
        and {{ memes('p_' ~ alias, alias, ['ensemble', 'nature']) }}
        and {{ memes('lignes', alias, ['axe', 'segment', 'question_code']) }}
{%- endfor %}
{%- else %}
left join publiees as propres
    on
        {{ memes('lignes', 'propres', ['vague', 'perimetre_type', 'perimetre', 'question_code']) }}
        and propres.axe = {{ 'lignes.axe' if par_segment else "'ensemble'" }}
        {%- if par_segment %}
        and lignes.segment = propres.segment
        {%- endif %}
{%- endif %}
{%- if face %}
{%- for alias, table, segment in [
    ('autres', 'publiees', 'segment_compare'), ('restes', 'restes', 'segment'), ('regions', 'publiees', 'segment'),
    ('sans_demarche', 'publiees', 'segment'),
] %}
left join {{ table }} as {{ alias }}
    on
        {{ memes('lignes', alias, ['vague', 'axe', 'question_code']) }}
        {%- if alias == 'regions' %}
        and regions.perimetre_type = 'region'
        {%- elif alias == 'sans_demarche' %}
        and lignes.perimetre_type = sans_demarche.perimetre_type
        and sans_demarche.perimetre = 'sans'
        {%- else %}
        and {{ memes('lignes', alias, ['perimetre_type', 'perimetre']) }}
        {%- endif %}
        and lignes.{{ segment }} = {{ alias }}.segment
{%- endfor %}
{%- endif %}
where
    propres.vague is null
    or coalesce({{ motif_de('lignes') }}, '') <> coalesce({{ attendue }}, '')
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}

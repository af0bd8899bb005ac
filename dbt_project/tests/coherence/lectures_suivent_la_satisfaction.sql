{#-
    Ce qu'une lecture reprend de la satisfaction : le fait, son modèle, la colonne de la question, ce qu'elle doit être, d'après les
    colonnes de `lignes` et de `satisfaction`, et pour quelles lignes. Les mesures d'une autre table viennent de leur déclaration.
-#}
{%- set reprises = [
    ('fct_distribution', 'int_distribution', 'question_code', 'lignes.base_brute', 'satisfaction.base_brute', 'true'),
    ('fct_motif', 'int_motif', 'question_code', 'lignes.base_brute', 'satisfaction.base_brute', 'true'),
    ('fct_evolution', 'int_evolution', 'question_code', 'lignes.base_brute', 'satisfaction.base_brute', "lignes.methode = 'publie'"),
    ('fct_comparaison', 'int_comparaison', 'question_code', 'lignes.base_brute', 'satisfaction.base_brute', 'true'),
    ('fct_sensibilite', 'int_sensibilite', 'question_code', 'lignes.note - lignes.ecart_note_imprimee', 'satisfaction.note_imprimee', 'true'),
    ('fct_ecart_reference', 'int_ecart_reference', 'question_code', 'lignes.valeur', 'satisfaction.note_imprimee', "lignes.unite = 'note_10'"),
    ('fct_ecart_reference', 'int_ecart_reference', 'question_code', 'lignes.valeur / 100', 'satisfaction.taux_imprime', "lignes.unite = 'pourcentage_satisfaits'"),
    ('fct_quartile', 'int_quartiles', 'question_code', 'lignes.valeur', 'satisfaction.note_moyenne', "lignes.perimetre_type = 'organisme' and lignes.mesure = 'note'"),
    ('fct_quartile', 'int_quartiles', 'question_code', 'lignes.valeur', 'satisfaction.taux_satisfaits', "lignes.perimetre_type = 'organisme' and lignes.mesure = 'taux'"),
    ('fct_priorite', 'int_priorites', 'code', 'lignes.note', 'satisfaction.note_imprimee', "lignes.niveau = 'question'"),
] -%}
{%- for fait, modele, section, statistique, condition in [
    ('fct_evolution', 'int_evolution', 'evolution', 'imprimee', "lignes.methode = 'publie'"),
    ('fct_comparaison', 'int_comparaison', 'comparaison', 'moyenne', 'true'),
    ('fct_profil_comparable', 'int_profil', 'profil', 'moyenne', 'true'),
] -%}
{%- for mesure in fromyaml(mesures()) if mesure[section] is defined -%}
{%- set reprise = (mesure[section].items() | selectattr(1, 'equalto', 'valeur') | first)[0] -%}
{%- set origine = (mesure.colonnes.items() | selectattr(1, 'equalto', statistique) | first)[0] -%}
{%- do reprises.append((fait, modele, 'question_code', 'lignes.' ~ reprise, 'satisfaction.' ~ origine, condition)) -%}
{%- endfor -%}
{%- endfor -%}
{%- set par_segment = ['fct_distribution', 'fct_motif', 'fct_evolution', 'fct_comparaison', 'fct_sensibilite'] -%}
-- Un chiffre repris dans une autre table y est le même que dans la satisfaction, organismes compris ; une ligne publiée y en a une.
with satisfaction as (
    select * from {{ ref('int_satisfaction') }}
)
{% for fait, groupe in reprises | groupby(0) %}
{%- set _, modele, question = groupe[0][:3] %}
{%- set defauts = [] %}
{%- for _, _, _, reprise, origine, condition in groupe %}
{%- do defauts.append((
    reprise,
    condition ~ ' and (satisfaction.vague is null or (' ~ reprise ~ ' is null) <> (' ~ origine
    ~ ' is null) or abs(' ~ reprise ~ ' - ' ~ origine ~ ') > 1e-9)',
)) %}
{%- endfor %}
select
    '{{ fait }}' as fait,
    lignes.vague,
    lignes.perimetre_type,
    lignes.perimetre,
    lignes.{{ question }} as element,
    concat_ws(
        ', '
        {%- for reprise, defaut in defauts %},
        case when {{ defaut }} then '{{ reprise }}' end
        {%- endfor %}
    ) as differents
from {{ ref(modele) }} as lignes
left join satisfaction
    on
        {{ memes('lignes', 'satisfaction', ['vague', 'perimetre_type', 'perimetre']) }}
        and lignes.{{ question }} = satisfaction.question_code
        {%- if fait in par_segment %}
        and lignes.axe = satisfaction.axe
        and lignes.segment = satisfaction.segment
        {%- else %}
        and satisfaction.axe = 'ensemble'
        {%- endif %}
where
    lignes.statut = 'V'
    and (
        {%- for _, defaut in defauts %}
        {{ 'or ' if not loop.first }}({{ defaut }})
        {%- endfor %}
    )
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}

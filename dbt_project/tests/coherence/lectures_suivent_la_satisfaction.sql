{#- Le modèle, la colonne de la question, la mesure, celle de int_satisfaction qu'elle reprend, et pour quelles lignes. -#}
{%- set reprises = [
    ('int_evolution', 'question_code', 'base_brute', 'base_brute', "methode = 'publie'"),
    ('int_evolution', 'question_code', 'taux_satisfaits', 'taux_satisfaits', "methode = 'publie'"),
    ('int_comparaison', 'question_code', 'base_brute', 'base_brute', 'true'),
    ('int_comparaison', 'question_code', 'note_moyenne', 'note_moyenne', 'true'),
    ('int_profil', 'question_code', 'note_moyenne', 'note_moyenne', 'true'),
    ('int_quartiles', 'question_code', 'valeur', 'note_moyenne', "mesure = 'note'"),
    ('int_quartiles', 'question_code', 'valeur', 'taux_satisfaits', "mesure = 'taux'"),
    ('int_priorites', 'code', 'note', 'note_imprimee', "niveau = 'question'"),
] -%}
{%- set par_segment = ['int_evolution', 'int_comparaison'] -%}
-- Un chiffre d'organisme repris dans une autre table y est le même que dans int_satisfaction.
with satisfaction as (
    select *
    from {{ ref('int_satisfaction') }}
    where perimetre_type = 'organisme'
)
{% for modele, question, mesure, origine, condition in reprises %}
select
    '{{ modele }}.{{ mesure }}' as colonne,
    lignes.vague,
    lignes.perimetre,
    lignes.{{ question }} as question,
    lignes.{{ mesure }} as reprise,
    satisfaction.{{ origine }} as origine
from {{ ref(modele) }} as lignes
inner join satisfaction
    on
        lignes.vague = satisfaction.vague
        and lignes.perimetre = satisfaction.perimetre
        and lignes.{{ question }} = satisfaction.question_code
        {%- if modele in par_segment %}
        and lignes.axe = satisfaction.axe
        and lignes.segment = satisfaction.segment
        {%- else %}
        and satisfaction.axe = 'ensemble'
        {%- endif %}
where
    lignes.perimetre_type = 'organisme'
    and lignes.statut = 'V'
    and {{ condition }}
    and coalesce(lignes.{{ mesure }}, -1) <> coalesce(satisfaction.{{ origine }}, -1)
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}

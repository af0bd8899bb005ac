{#- La table, son modèle, la déclaration de ses colonnes dans `mesures`, et la statistique qui est au milieu des bornes. -#}
{%- set tables = [
    ('fct_satisfaction', 'int_satisfaction', 'colonnes', {'ic': 'moyenne', 'imprimee_ic': 'imprimee'}),
    ('fct_evolution', 'int_evolution', 'evolution', {'ic': 'ecart'}),
    ('fct_comparaison', 'int_comparaison', 'comparaison', {'ic': 'ecart'}),
    ('fct_profil_comparable', 'int_profil', 'profil', {'ic': 'profil'}),
] -%}
-- Les bornes d'un chiffre publié sont celles que donnent le chiffre, son erreur type et ses degrés de liberté, publiés à côté.
-- Une part de 0 ou de 1 a une erreur nulle et des bornes qui n'en viennent pas : elles l'entourent.
with parametres as (
    select * from {{ ref('stg_parametres') }}
),

chiffres as (
    {%- for table, modele, section, milieux in tables %}
    {%- for mesure in fromyaml(mesures()) if mesure[section] is defined %}
    {%- set colonne = {} %}
    {%- for nom, statistique in mesure[section].items() %}
    {%- do colonne.update({statistique: nom}) %}
    {%- endfor %}
    {%- for bornes, milieu in milieux.items() if bornes ~ '_bas' in colonne %}
    {%- set erreur = 'imprimee_erreur_type' if milieu == 'imprimee' else 'erreur_type' %}
    select
        '{{ table }}.{{ colonne[milieu] }}' as colonne,
        {{ prises('lignes', ['vague', 'perimetre_type', 'perimetre', 'axe', 'question_code']) }},
        {{ 'true' if mesure.est_part and section == 'colonnes' else 'false' }} as est_part,
        lignes.{{ colonne[milieu] }} as chiffre,
        lignes.{{ colonne[erreur] }} as erreur,
        lignes.{{ colonne[bornes ~ '_bas'] }} as bas,
        lignes.{{ colonne[bornes ~ '_haut'] }} as haut,
        lignes.ddl,
        {{ 'lignes.variance_limite' if section == 'colonnes' else 'cast(null as double)' }} as limite,
        quantile_student(parametres.confiance, lignes.ddl) as t
    from {{ ref(modele) }} as lignes
    cross join parametres
    where lignes.{{ colonne[milieu] }} is not null
    union all
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
    {%- for table, modele in [('fct_distribution', 'int_distribution'), ('fct_motif', 'int_motif')] %}
    select
        '{{ table }}.part' as colonne,
        {{ prises('parts', ['vague', 'perimetre_type', 'perimetre', 'axe', 'question_code']) }},
        true as est_part,
        parts.part as chiffre,
        parts.part_erreur_type as erreur,
        parts.part_ic_bas as bas,
        parts.part_ic_haut as haut,
        parts.ddl,
        parts.variance_limite as limite,
        quantile_student(parametres.confiance, parts.ddl) as t
    from {{ ref(modele) }} as parts
    cross join parametres
    where parts.part is not null
    union all
    {%- endfor %}
    select
        'fct_priorite.importance' as colonne,
        vague,
        perimetre_type,
        perimetre,
        'ensemble' as axe,
        code as question_code,
        cast(null as boolean) as est_part,
        importance as chiffre,
        cast(null as double) as erreur,
        importance_ic_bas as bas,
        importance_ic_haut as haut,
        cast(null as bigint) as ddl,
        cast(null as double) as limite,
        cast(null as double) as t
    from {{ ref('int_priorites') }}
    where importance is not null
),

recalculees as (
    select
        *,
        case
            when est_part then {{ borne_wilson('chiffre', c_wilson('t', 'chiffre', 'erreur', 'limite', 'ddl'), -1) }}
            else chiffre - t * erreur
        end as bas_attendu,
        case
            when est_part then {{ borne_wilson('chiffre', c_wilson('t', 'chiffre', 'erreur', 'limite', 'ddl'), 1) }}
            else chiffre + t * erreur
        end as haut_attendu
    from chiffres
)

select *
from recalculees
where
    erreur < 0
    or bas > chiffre + 1e-9
    or haut < chiffre - 1e-9
    or (bas is null) <> (haut is null)
    or (erreur is not null and bas is null)
    or abs(bas - bas_attendu) > 1e-9
    or abs(haut - haut_attendu) > 1e-9

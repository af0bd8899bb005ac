{%- set paire = ['vague', 'vague_precedente'] -%}
{%- set case = ['axe', 'segment', 'question_code'] -%}
{%- set cle = ['methode', 'perimetre_type', 'perimetre'] + paire + case -%}
{#- Ce que disent les organismes de la région, d'un échelon à l'autre : chacun n'est que dans un de ces comptes. -#}
{%- set decomptes = {
    'organismes_en_hausse': "'hausse', 'hausse légère'",
    'organismes_stables': "'stable'",
    'organismes_non_significatifs': "'non significatif'",
    'organismes_en_baisse': "'baisse', 'baisse légère'",
} -%}
{%- set comparees = fromyaml(mesures()) | selectattr('evolution', 'defined') | list -%}
with cellules as (
    select * from {{ ref('int_ecarts_cellules') }}
),

ecarts as (
    select * from {{ ref('int_ecarts') }}
),

verdicts as (
    select * from {{ ref('int_verdicts') }}
    where bareme is null
),

sensibles as (
    select
        {{ cle | join(', ') }},
        max(case when change_verdict then 1 else 0 end) = 1 as verdict_sensible_bareme
    from {{ ref('int_verdicts') }}
    where change_verdict is not null
    group by all
),

interroges as (
    select * from {{ ref('int_interroges') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Chaque organisme compte selon son propre verdict, par rapport à lui-même.
comptes as (
    select
        {%- for colonne, echelons in decomptes.items() %}
        count(case when verdict in ({{ echelons }}) then 1 end) as {{ colonne }}__compte,
        {%- endfor %}
        {{ (paire + case) | join(', ') }}
    from verdicts
    where
        perimetre_type = 'organisme'
        and methode = 'publie'
        and statut = 'V'
    group by all
),

mesures_des_comptes as (
    select
        *,
        {%- for colonne in decomptes %}
        {{ '+ ' if not loop.first }}{{ colonne }}__compte
        {%- endfor %} as organismes_comptes,
        greatest(
            {%- for colonne in decomptes %}
            {{ colonne }}__compte{{ ',' if not loop.last }}
            {%- endfor %}
        ) as organismes_du_meme_verdict
    from comptes
),

cote_a_cote as (
    select
        cellules.*,
        {{ prises('verdicts', ['mesure', 'p_valeur', 'p_valeur_ajustee', 'verdict', 'motif_du_verdict']) }},
        sensibles.verdict_sensible_bareme,
        interroges.organismes_interroges,
        {%- for colonne in decomptes %}
        comptes.{{ colonne }}__compte,
        {%- endfor %}
        comptes.organismes_comptes,
        comptes.organismes_du_meme_verdict,
        parametres.organismes_repartition,
        parametres.organismes_secrets
        {%- for m in comparees %}
        {%- for statistique in ['valeur', 'valeur_precedente', 'ecart', 'erreur_type'] %},
        {{ m.nom }}.{{ statistique }} as {{ m.nom }}__{{ statistique }}
        {%- endfor %}
        {%- endfor %}
    from cellules
    inner join verdicts
        on {{ memes('cellules', 'verdicts', cle) }}
    left join sensibles
        on {{ memes('cellules', 'sensibles', cle) }}
    left join interroges
        on {{ memes('cellules', 'interroges', ['vague', 'ensemble'] + case) }}
    left join mesures_des_comptes as comptes
        on {{ memes('cellules', 'comptes', paire + case) }}
    cross join parametres
    {%- for m in comparees %}
    left join ecarts as {{ m.nom }}
        on
            {{ m.nom }}.mesure = '{{ m.nom }}'
            and {{ memes('cellules', m.nom, cle) }}
    {%- endfor %}
),

-- Des comptes de plusieurs périmètres ou méthodes, l'un moins l'autre, diraient le verdict d'un seul organisme : un seul est
-- publié. Si tous ont le même verdict, ou tous sauf un, qui se connaît, leur compte dit celui de chacun.
comptees as (
    select
        *,
        case
            when perimetre_type <> 'region' or methode <> 'publie' then {{ motif('comptes_regionaux') }}
            when coalesce(organismes_comptes, 0) < organismes_repartition
                then {{ motif('organismes_repartition', 'organismes_repartition') }}
            when organismes_secrets and organismes_du_meme_verdict >= organismes_comptes - 1
                then {{ motif('verdicts_unanimes') }}
        end as motif_des_comptes
    from cote_a_cote
),

nommees as (
    select
        {%- for colonne in decomptes %}
        case when motif_des_comptes is null then {{ colonne }}__compte end as {{ colonne }},
        {%- endfor %}
        {{ colonnes_motif('motif_des_comptes', 'motif_comptes', 'motif_comptes') }},
        {%- for m in comparees %}
        {%- for colonne, statistique in m.evolution.items() %}
        {{ ecart_publie(m, statistique) }} as {{ colonne }},
        {%- endfor %}
        {%- endfor %}
        {{ colonnes_motif('motif_du_verdict', 'motif_verdict', 'motif_verdict') }},
        {{ colonnes_motif('motif') }},
        *
    from comptees
)

{{ masquer(
    'nommees', pour='fct_evolution', aussi=['nb_organismes_precedent', 'base_verdict', 'organismes_interroges']
) }}

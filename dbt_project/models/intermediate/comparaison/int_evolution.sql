{%- set couple = ['methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre'] -%}
{%- set case = ['axe', 'segment', 'question_code'] -%}
{%- set cle = couple + case -%}
{#- Ce que disent les organismes d'un périmètre, d'un échelon à l'autre : chacun n'est que dans un de ces comptes. -#}
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

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

sensibles as (
    select
        {{ cle | join(', ') }},
        max(case when change_verdict then 1 else 0 end) = 1 as verdict_sensible_bareme
    from {{ ref('int_verdicts') }}
    where change_verdict is not null
    group by {{ cle | join(', ') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

paires as (
    select distinct
        methode,
        vague,
        vague_precedente
    from cellules
),

membres as (
    select distinct
        paires.methode,
        paires.vague,
        paires.vague_precedente,
        perimetres.perimetre_type,
        perimetres.perimetre,
        perimetres.organisme_actuel
    from paires
    inner join perimetres
        on
            paires.methode = perimetres.methode
            and paires.vague = perimetres.vague
            and paires.vague = perimetres.vague_mesuree
            and (paires.methode = 'publie' or paires.vague_precedente = perimetres.vague_precedente)
    where perimetres.perimetre_type <> 'organisme'
),

-- Chaque organisme d'un périmètre compte selon son propre verdict, par rapport à lui-même.
organismes as (
    select
        {%- for colonne, echelons in decomptes.items() %}
        count(case when verdicts.verdict in ({{ echelons }}) then 1 end) as {{ colonne }},
        {%- endfor %}
        {{ prises('membres', couple) }},
        {{ prises('verdicts', case) }}
    from membres
    inner join verdicts
        on
            verdicts.perimetre_type = 'organisme'
            and verdicts.methode = case when membres.methode = 'pro_forma' then 'pro_forma' else 'publie' end
            and membres.vague = verdicts.vague
            and membres.vague_precedente = verdicts.vague_precedente
            and membres.organisme_actuel = verdicts.perimetre
    where verdicts.statut = 'V'
    group by
        {{ prises('membres', couple) }},
        {{ prises('verdicts', case) }}
),

-- Le compte de quelques organismes dirait le verdict de chacun.
comptes as (
    select organismes.*
    from organismes
    cross join parametres
    where
        organismes.{{ decomptes.keys() | join('\n        + organismes.') }}
        >= parametres.organismes_minimum
),

cote_a_cote as (
    select
        cellules.*,
        verdicts.mesure,
        verdicts.p_valeur,
        verdicts.p_valeur_ajustee,
        verdicts.verdict,
        verdicts.motif_du_verdict,
        sensibles.verdict_sensible_bareme,
        comptes.{{ decomptes.keys() | join(',\n        comptes.') }}
        {%- for m in comparees %}
        {%- for statistique in ['valeur', 'valeur_precedente', 'ecart', 'erreur_type'] %},
        {{ m.nom }}.{{ statistique }} as {{ m.nom }}__{{ statistique }}
        {%- endfor %}
        {%- endfor %}
    from cellules
    inner join verdicts
        on {{ memes('cellules', 'verdicts', cle) }}
    {%- for table in ['comptes', 'sensibles'] %}
    left join {{ table }}
        on {{ memes('cellules', table, cle) }}
    {%- endfor %}
    {%- for m in comparees %}
    left join ecarts as {{ m.nom }}
        on
            {{ m.nom }}.mesure = '{{ m.nom }}'
            and {{ memes('cellules', m.nom, cle) }}
    {%- endfor %}
),

nommees as (
    select
        {%- for m in comparees %}
        {%- for colonne, statistique in m.evolution.items() %}
        {{ ecart_publie(m, statistique) }} as {{ colonne }},
        {%- endfor %}
        {%- endfor %}
        {{ colonnes_motif('motif_du_verdict', 'motif_verdict', 'motif_verdict') }},
        {{ colonnes_motif('motif') }},
        *
    from cote_a_cote
)

-- Une évolution retenue pour protéger une autre case garde son verdict, qui est un mot ; ses chiffres s'arrêtent ici.
{{ masquer('nommees', pour='fct_evolution') }}

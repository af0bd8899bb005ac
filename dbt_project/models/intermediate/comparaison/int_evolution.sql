{%- set cle = [
    'methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre', 'axe', 'segment', 'question_code',
] -%}
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
        methode,
        vague,
        vague_precedente,
        perimetre_type,
        perimetre,
        axe,
        segment,
        question_code,
        max(case when change_verdict then 1 else 0 end) = 1 as verdict_sensible_bareme
    from {{ ref('int_verdicts') }}
    where change_verdict is not null
    group by methode, vague, vague_precedente, perimetre_type, perimetre, axe, segment, question_code
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
        membres.methode,
        membres.vague,
        membres.vague_precedente,
        membres.perimetre_type,
        membres.perimetre,
        verdicts.axe,
        verdicts.segment,
        verdicts.question_code,
        cast(sum(case when verdicts.verdict = 'hausse' then 1 else 0 end) as bigint) as organismes_en_hausse,
        cast(
            sum(case when verdicts.verdict in ('stable', 'non significatif') then 1 else 0 end) as bigint
        ) as organismes_stables,
        cast(sum(case when verdicts.verdict = 'baisse' then 1 else 0 end) as bigint) as organismes_en_baisse
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
        membres.methode,
        membres.vague,
        membres.vague_precedente,
        membres.perimetre_type,
        membres.perimetre,
        verdicts.axe,
        verdicts.segment,
        verdicts.question_code
),

-- Le compte de quelques organismes dirait le verdict de chacun.
comptes as (
    select organismes.*
    from organismes
    cross join parametres
    where
        organismes.organismes_en_hausse + organismes.organismes_stables + organismes.organismes_en_baisse
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
        comptes.organismes_en_hausse,
        comptes.organismes_stables,
        comptes.organismes_en_baisse
        {%- for m in comparees %}
        {%- for statistique in ['valeur', 'valeur_precedente', 'ecart', 'erreur_type'] %},
        {{ m.nom }}.{{ statistique }} as {{ m.nom }}__{{ statistique }}
        {%- endfor %}
        {%- endfor %}
    from cellules
    inner join verdicts
        on
            cellules.{{ cle[0] }} = verdicts.{{ cle[0] }}
            {%- for colonne in cle[1:] %}
            and cellules.{{ colonne }} = verdicts.{{ colonne }}
            {%- endfor %}
    {%- for table in ['comptes', 'sensibles'] %}
    left join {{ table }}
        on
            cellules.{{ cle[0] }} = {{ table }}.{{ cle[0] }}
            {%- for colonne in cle[1:] %}
            and cellules.{{ colonne }} = {{ table }}.{{ colonne }}
            {%- endfor %}
    {%- endfor %}
    {%- for m in comparees %}
    left join ecarts as {{ m.nom }}
        on
            {{ m.nom }}.mesure = '{{ m.nom }}'
            {%- for colonne in cle %}
            and cellules.{{ colonne }} = {{ m.nom }}.{{ colonne }}
            {%- endfor %}
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

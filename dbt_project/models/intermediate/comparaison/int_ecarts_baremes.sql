{%- set famille = [
    'bareme', 'bareme_version', 'methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre', 'axe',
] -%}
with ecarts as (
    select * from {{ ref('int_ecarts') }}
    where statut = 'V' and taux_comparable
),

notes as (
    select * from {{ ref('int_notes_baremes') }}
),

baremes as (
    select distinct
        bareme,
        version as bareme_version
    from {{ ref('stg_baremes') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Un barème ne change que les notes ; les questions jugées sur leur taux restent dans la famille des tests, telles quelles.
relus as (
    select
        baremes.bareme,
        baremes.bareme_version,
        ecarts.methode,
        ecarts.vague,
        ecarts.vague_precedente,
        ecarts.perimetre_type,
        ecarts.perimetre,
        ecarts.axe,
        ecarts.segment,
        ecarts.question_code,
        ecarts.posee,
        ecarts.nouvelle,
        ecarts.statut,
        ecarts.base_brute,
        ecarts.base_brute_precedente,
        ecarts.ddl,
        ecarts.mesure,
        ecarts.p_valeur as p_publiee,
        ecarts.verdict as verdict_publie,
        true as comparable,
        case when ecarts.mesure = 'note' then actuelles.note - precedentes.note end as ecart,
        case
            when ecarts.mesure = 'note'
                then
                    sqrt(
                        actuelles.erreur_type * actuelles.erreur_type
                        + precedentes.erreur_type * precedentes.erreur_type
                    )
        end as erreur
    from ecarts
    cross join baremes
    left join notes as actuelles
        on
            ecarts.mesure = 'note'
            and ecarts.vague = actuelles.vague
            and ecarts.ensemble = actuelles.ensemble
            and ecarts.axe = actuelles.axe
            and ecarts.segment = actuelles.segment
            and ecarts.question_code = actuelles.question_code
            and baremes.bareme = actuelles.bareme
            and baremes.bareme_version = actuelles.bareme_version
    left join notes as precedentes
        on
            ecarts.mesure = 'note'
            and ecarts.vague_precedente = precedentes.vague
            and ecarts.ensemble_precedent = precedentes.ensemble
            and ecarts.axe = precedentes.axe
            and ecarts.segment = precedentes.segment
            and ecarts.question_code = precedentes.question_code
            and baremes.bareme = precedentes.bareme
            and baremes.bareme_version = precedentes.bareme_version
),

tests as (
    select
        relus.*,
        parametres.alpha,
        parametres.base_fragile,
        parametres.materialite_note as materialite,
        quantile_student(parametres.confiance, relus.ddl) as t,
        case
            when relus.mesure = 'note' then {{ p_ecart('relus.ecart', 'relus.erreur') }}
            else relus.p_publiee
        end as p_valeur
    from relus
    cross join parametres
),

{{ p_ajustees(famille) }},

juges as (
    select
        *,
        {{ verdict_evolution() }} as verdict
    from ajustes
)

select
    methode,
    vague,
    vague_precedente,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    bareme,
    bareme_version,
    ecart as ecart_note,
    erreur as erreur_type,
    p_valeur,
    p_ajustee as p_valeur_ajustee,
    verdict,
    case when verdict_publie <> 'non comparable' then verdict <> verdict_publie end as change_verdict
from juges
where mesure = 'note' and ecart is not null

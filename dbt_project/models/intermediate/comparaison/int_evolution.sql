with ecarts as (
    select * from {{ ref('int_ecarts') }}
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
    from {{ ref('int_ecarts_baremes') }}
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
    from ecarts
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
        ecarts.axe,
        ecarts.segment,
        ecarts.question_code,
        cast(sum(case when ecarts.verdict = 'hausse' then 1 else 0 end) as bigint) as organismes_en_hausse,
        cast(
            sum(case when ecarts.verdict in ('stable', 'non significatif') then 1 else 0 end) as bigint
        ) as organismes_stables,
        cast(sum(case when ecarts.verdict = 'baisse' then 1 else 0 end) as bigint) as organismes_en_baisse
    from membres
    inner join ecarts
        on
            ecarts.perimetre_type = 'organisme'
            and ecarts.methode = case when membres.methode = 'pro_forma' then 'pro_forma' else 'publie' end
            and membres.vague = ecarts.vague
            and membres.vague_precedente = ecarts.vague_precedente
            and membres.organisme_actuel = ecarts.perimetre
    where ecarts.statut = 'V'
    group by
        membres.methode,
        membres.vague,
        membres.vague_precedente,
        membres.perimetre_type,
        membres.perimetre,
        ecarts.axe,
        ecarts.segment,
        ecarts.question_code
),

-- Le compte de quelques organismes dirait le verdict de chacun.
comptes as (
    select organismes.*
    from organismes
    cross join parametres
    where
        organismes.organismes_en_hausse + organismes.organismes_stables + organismes.organismes_en_baisse
        >= parametres.organismes_minimum
)

select
    ecarts.vague,
    ecarts.vague_precedente,
    ecarts.perimetre_type,
    ecarts.perimetre,
    ecarts.axe,
    ecarts.segment,
    ecarts.question_code,
    ecarts.methode,
    ecarts.nb_organismes,
    ecarts.base_brute,
    ecarts.base_brute_precedente,
    {{ si_publie('ecarts.meme_bareme', 'ecarts.statut') }} as meme_bareme,
    {{ si_publie('ecarts.meme_mode', 'ecarts.statut') }} as meme_mode,
    {{ si_publie('ecarts.meme_institut', 'ecarts.statut') }} as meme_institut,
    ecarts.ddl,
    ecarts.note_moyenne,
    ecarts.note_precedente,
    ecarts.ecart_note,
    ecarts.erreur_type,
    ecarts.ecart_note_ic_bas,
    ecarts.ecart_note_ic_haut,
    ecarts.taux_satisfaits,
    ecarts.taux_precedent,
    ecarts.ecart_taux,
    ecarts.erreur_type_taux,
    ecarts.ecart_taux_ic_bas,
    ecarts.ecart_taux_ic_haut,
    ecarts.mesure,
    ecarts.p_valeur,
    ecarts.p_valeur_ajustee,
    ecarts.verdict,
    {{ colonnes_motif('ecarts.motif_du_verdict', 'motif_verdict', 'motif_verdict') }},
    sensibles.verdict_sensible_bareme,
    {{ si_publie('comptes.organismes_en_hausse', 'ecarts.statut') }} as organismes_en_hausse,
    {{ si_publie('comptes.organismes_stables', 'ecarts.statut') }} as organismes_stables,
    {{ si_publie('comptes.organismes_en_baisse', 'ecarts.statut') }} as organismes_en_baisse,
    ecarts.statut,
    {{ colonnes_motif('ecarts.motif') }}
from ecarts
left join comptes
    on
        ecarts.methode = comptes.methode
        and ecarts.vague = comptes.vague
        and ecarts.vague_precedente = comptes.vague_precedente
        and ecarts.perimetre_type = comptes.perimetre_type
        and ecarts.perimetre = comptes.perimetre
        and ecarts.axe = comptes.axe
        and ecarts.segment = comptes.segment
        and ecarts.question_code = comptes.question_code
left join sensibles
    on
        ecarts.methode = sensibles.methode
        and ecarts.vague = sensibles.vague
        and ecarts.vague_precedente = sensibles.vague_precedente
        and ecarts.perimetre_type = sensibles.perimetre_type
        and ecarts.perimetre = sensibles.perimetre
        and ecarts.axe = sensibles.axe
        and ecarts.segment = sensibles.segment
        and ecarts.question_code = sensibles.question_code

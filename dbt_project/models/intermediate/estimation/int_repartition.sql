with comptage as (
    select * from {{ ref('int_comptage_extrapole') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

satisfaction as (
    select * from {{ ref('int_satisfaction') }}
),

exprimees as (
    select
        question_code,
        modalite_code,
        type,
        ordre
    from modalites
    where statut_reponse = 'exprime'
),

par_organisme as (
    select
        comptage.vague,
        comptage.organisme_code,
        comptage.axe,
        comptage.segment,
        comptage.question_code,
        comptage.modalite_code,
        {{ somme('comptage.n') }} as n,
        {{ somme('comptage.w') }} as w
    from comptage
    inner join exprimees
        on
            comptage.question_code = exprimees.question_code
            and comptage.modalite_code = exprimees.modalite_code
    group by
        comptage.vague,
        comptage.organisme_code,
        comptage.axe,
        comptage.segment,
        comptage.question_code,
        comptage.modalite_code
),

par_perimetre as (
    select
        perimetres.vague,
        perimetres.perimetre_type,
        perimetres.perimetre,
        par_organisme.axe,
        par_organisme.segment,
        par_organisme.question_code,
        par_organisme.modalite_code,
        cast(round({{ somme('par_organisme.n') }}) as bigint) as n,
        {{ somme('par_organisme.w') }} as w
    from par_organisme
    inner join perimetres
        on
            par_organisme.vague = perimetres.vague
            and par_organisme.organisme_code = perimetres.organisme_code
            and perimetres.methode = 'publie'
    group by
        perimetres.vague,
        perimetres.perimetre_type,
        perimetres.perimetre,
        par_organisme.axe,
        par_organisme.segment,
        par_organisme.question_code,
        par_organisme.modalite_code
)

select
    satisfaction.vague,
    satisfaction.perimetre_type,
    satisfaction.perimetre,
    satisfaction.axe,
    satisfaction.segment,
    satisfaction.question_code,
    exprimees.modalite_code,
    exprimees.type,
    satisfaction.nb_organismes,
    satisfaction.base_brute,
    satisfaction.base_ponderee,
    {{ si_publie('coalesce(par_perimetre.n, 0)', 'satisfaction.statut') }} as effectif,
    {{ si_publie('coalesce(par_perimetre.w, 0)', 'satisfaction.statut') }} as poids,
    {{ si_publie('coalesce(par_perimetre.w, 0) / satisfaction.base_ponderee', 'satisfaction.statut') }} as part,
    satisfaction.statut,
    satisfaction.motif_code,
    satisfaction.motif_parametre,
    satisfaction.motif_statut
from satisfaction
inner join exprimees
    on satisfaction.question_code = exprimees.question_code
left join par_perimetre
    on
        satisfaction.vague = par_perimetre.vague
        and satisfaction.perimetre_type = par_perimetre.perimetre_type
        and satisfaction.perimetre = par_perimetre.perimetre
        and satisfaction.axe = par_perimetre.axe
        and satisfaction.segment = par_perimetre.segment
        and satisfaction.question_code = par_perimetre.question_code
        and exprimees.modalite_code = par_perimetre.modalite_code

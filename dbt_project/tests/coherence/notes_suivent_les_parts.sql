-- La note publiée est celle que donnent les parts publiées et le barème par défaut, quand lui seul a servi ; organismes compris.
with satisfaction as (
    select * from {{ ref('int_satisfaction') }}
),

distribution as (
    select * from {{ ref('int_distribution') }}
),

modalites as (
    select * from {{ ref('dim_modalite') }}
),

usages as (
    select count(*) as nb
    from {{ ref('stg_baremes_usages') }}
),

recomposees as (
    select
        distribution.vague,
        distribution.perimetre_type,
        distribution.perimetre,
        distribution.axe,
        distribution.segment,
        distribution.question_code,
        sum(distribution.part * modalites.note) as note,
        sum(case when modalites.est_satisfait then distribution.part else 0 end) as taux
    from distribution
    inner join modalites
        on
            distribution.question_code = modalites.question_code
            and distribution.modalite_code = modalites.modalite_code
    where distribution.statut = 'V'
    group by
        distribution.vague,
        distribution.perimetre_type,
        distribution.perimetre,
        distribution.axe,
        distribution.segment,
        distribution.question_code
)

select
    satisfaction.vague,
    satisfaction.perimetre,
    satisfaction.segment,
    satisfaction.question_code,
    satisfaction.note_moyenne,
    recomposees.note,
    satisfaction.taux_satisfaits,
    recomposees.taux
from satisfaction
inner join recomposees
    on
        satisfaction.vague = recomposees.vague
        and satisfaction.perimetre_type = recomposees.perimetre_type
        and satisfaction.perimetre = recomposees.perimetre
        and satisfaction.axe = recomposees.axe
        and satisfaction.segment = recomposees.segment
        and satisfaction.question_code = recomposees.question_code
cross join usages
where
    (usages.nb = 1 and abs(satisfaction.note_moyenne - recomposees.note) > 1e-9)
    or abs(satisfaction.taux_satisfaits - recomposees.taux) > 1e-9

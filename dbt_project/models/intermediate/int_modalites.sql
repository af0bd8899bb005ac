with questions as (
    select * from {{ ref('stg_questions') }}
),

echelles as (
    select * from {{ ref('stg_echelles') }}
),

modalites as (
    select * from {{ ref('stg_modalites') }}
),

baremes as (
    select * from {{ ref('stg_baremes') }}
),

usages as (
    select * from {{ ref('stg_baremes_usages') }}
),

bareme_par_defaut as (
    select
        baremes.echelle,
        baremes.modalite_code,
        baremes.note
    from baremes
    inner join usages
        on
            baremes.bareme = usages.bareme
            and baremes.version = usages.version
    where usages.institut = '*' and usages.vague = '*'
)

select
    questions.question_code,
    modalites.modalite_code,
    questions.echelle,
    echelles.type,
    modalites.ordre,
    modalites.libelle,
    modalites.statut_reponse,
    modalites.est_satisfait,
    modalites.exclusive,
    bareme_par_defaut.note
from questions
inner join echelles
    on questions.echelle = echelles.echelle
inner join modalites
    on questions.echelle = modalites.echelle or modalites.echelle = 'TOUTES'
left join bareme_par_defaut
    on
        questions.echelle = bareme_par_defaut.echelle
        and modalites.modalite_code = bareme_par_defaut.modalite_code
